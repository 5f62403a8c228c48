// Ticks and words of a time axis in minutes and seconds.

const STEPS_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];

/**
 * Round places between two times, at most `most` of them.
 * @param {number} from [s]
 * @param {number} to [s]
 * @param {number} most
 * @returns {number[]} [s]
 */
export function ticksBetween(from, to, most) {
  const step = STEPS_S.find((one) => (to - from) / one <= most) ?? (to - from) / most;
  const first = Math.ceil(from / step);
  const count = Math.max(0, Math.floor(to / step) - first + 1);
  return Array.from({ length: count }, (_, k) => ((first + k) * step * 10) / 10);
}

/**
 * `75.5` is read as `1:15.5`, `-90` as `−1:30`, `3720` as `1:02:00`.
 * @param {number} seconds
 */
export function clockText(seconds) {
  const sign = seconds < 0 ? "−" : "";
  const tenths = Math.round(Math.abs(seconds) * 10);
  const fraction = tenths % 10 ? `.${tenths % 10}` : "";
  const whole = Math.floor(tenths / 10);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const head = hours ? `${hours}:${two(minutes)}` : `${minutes}`;
  return `${sign}${head}:${two(rest)}${fraction}`;
}
