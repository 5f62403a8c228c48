// Which channels stand in which panel, in which unit, under which name, in which line style.

const MAX_TRACES = 10; // per figure: the browser's budget for a smooth plot
const MAX_TEMPERATURES = 4;
const MAX_FREQUENCIES = 4;

const STYLES = /** @type {const} */ ([
  { color: "--trace-1", dash: "solid" },
  { color: "--trace-2", dash: "dash" },
  { color: "--trace-3", dash: "dot" },
  { color: "--trace-4", dash: "dashdot" },
  { color: "--trace-5", dash: "longdash" },
]);

/**
 * @typedef {object} Line
 * @property {import("./run-trace.js").Series} series
 * @property {string} label
 * @property {string} color name of a custom property
 * @property {"solid" | "dash" | "dot" | "dashdot" | "longdash"} dash
 * @property {"linear" | "hv"} shape
 *
 * @typedef {object} Panel
 * @property {string} title
 * @property {string} unit what the page shows, e.g. GHz
 * @property {number} per how many SI units one shown unit is, e.g. 1e9
 * @property {number} digits after the point, in the panel's head
 * @property {string} missing what an empty panel says
 * @property {Line[]} lines
 */

/**
 * The four panels of a run, from the channels that it has.
 * @param {Iterable<import("./run-trace.js").Series>} all
 * @returns {Panel[]}
 */
export function panelsOf(all) {
  const series = [...all];
  const temperatures = series.filter((one) => one.unit === "°C").sort(byInterest);
  const frequencies = series.filter((one) => /^cpu\..+\.frequency$/.test(one.name)).reverse();
  const latencies = series.filter((one) => one.name === "inference.latency");
  const powers = series.filter((one) => one.unit === "W");
  const chosen = [
    temperatures.slice(0, MAX_TEMPERATURES),
    frequencies.slice(0, MAX_FREQUENCIES),
    latencies,
    powers.slice(0, MAX_TRACES - MAX_TEMPERATURES - MAX_FREQUENCIES - latencies.length),
  ];
  return PANELS.map((panel, k) => ({ ...panel, lines: chosen[k].map((one, n) => line(one, n, panel)) }));
}

const PANELS = /** @type {const} */ ([
  { title: "Temperature", unit: "°C", per: 1, digits: 1, missing: "no temperature sensor", shape: "linear" },
  { title: "Frequency", unit: "GHz", per: 1e9, digits: 2, missing: "no frequency sensor", shape: "hv" },
  { title: "Latency", unit: "ms", per: 1e-3, digits: 1, missing: "no inference yet", shape: "linear" },
  { title: "Power", unit: "W", per: 1, digits: 2, missing: "no power sensor", shape: "linear" },
]);

/**
 * What a person feels first, then the battery, then the hottest of the rest.
 * @param {import("./run-trace.js").Series} a
 * @param {import("./run-trace.js").Series} b
 */
function byInterest(a, b) {
  return rank(a) - rank(b) || (b.last || 0) - (a.last || 0) || a.name.localeCompare(b.name);
}

/** @param {import("./run-trace.js").Series} series */
function rank({ name }) {
  if (/skin|shell|back/.test(name)) return 0;
  if (/cpu|soc|die|cluster/.test(name)) return 1;
  if (/battery/.test(name)) return 2;
  return 3;
}

/**
 * @param {import("./run-trace.js").Series} series
 * @param {number} place
 * @param {{shape: "linear" | "hv"}} panel
 * @returns {Line}
 */
function line(series, place, { shape }) {
  return { series, label: labelOf(series.name), shape, ...STYLES[place % STYLES.length] };
}

/**
 * `zone.skin-msm-therm.temperature` is read as `skin-msm-therm`, `cpu.big.frequency` as `big`.
 * @param {string} name
 */
function labelOf(name) {
  const parts = name.split(".");
  return parts.length > 2 ? parts.slice(1, -1).join(".") : parts[0] === "inference" ? "each inference" : parts[0];
}
