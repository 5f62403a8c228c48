// A run's hottest zone over time, for a sparkline.

const POINTS = 160; // per zone: as fine as a small line can show

/**
 * @param {string} run
 * @param {number} speed device seconds per second of this computer
 * @returns {Promise<import("./spark-history.js").Reading[]>} placed on this computer's clock
 */
export async function hottestOf(run, speed) {
  const answer = await fetch(`/api/v1/runs/${run}/trace?points=${POINTS}`).catch(() => undefined);
  if (!answer?.ok) return []; // the line then starts with the next reading
  /** @type {import("./trace-history.js").History} */
  const { channels } = await answer.json();
  /** @type {Map<number, number>} */
  const hottest = new Map();
  for (const { unit, name, t_s, value, high } of channels) {
    if (unit !== "°C" || !name.startsWith("zone.")) continue;
    t_s.forEach((time, k) => hottest.set(time, Math.max(hottest.get(time) ?? -Infinity, (high ?? value)?.[k] ?? -Infinity)));
  }
  const times = [...hottest.keys()].filter((time) => hottest.get(time) !== -Infinity).sort((a, b) => a - b);
  const now = Date.now() / 1000;
  const newest = times.at(-1) ?? 0;
  return times.map((time) => ({ at: now - (newest - time) / speed, value: hottest.get(time) ?? 0 }));
}
