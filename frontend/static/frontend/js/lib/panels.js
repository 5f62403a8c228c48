// Which channels stand in which panel, in which unit, under which name, in which line style.

const MAX_TRACES = 10; // per figure: the browser's budget for a smooth plot
export const MAX_TEMPERATURES = 4;
const MAX_FREQUENCIES = 4;

const DASHES = /** @type {const} */ (["solid", "dash", "dot", "dashdot", "longdash"]);

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

// Of a divided inference: the parts of its latency, beside the whole.
const PARTS = ["inference.head", "inference.network", "inference.peer_compute"];

/**
 * The panels of a run, from the channels that it has; a divided one has its network, too.
 * @param {Iterable<import("./run-trace.js").Series>} all
 * @param {string[]} zones the temperatures to show, at most four
 * @param {string} nothing what all panels say while there is no channel at all
 * @returns {Panel[]}
 */
export function panelsOf(all, zones, nothing = "nothing was recorded") {
  const series = [...all];
  const cores = series.filter((one) => /^cpu\..+\.frequency$/.test(one.name)).reverse();
  const frequencies = [...cores, ...series.filter((one) => one.name === "memory.frequency")];
  const latencies = ["inference.latency", ...PARTS].flatMap((name) => series.filter((one) => one.name === name));
  const powers = series.filter((one) => one.unit === "W");
  const rates = series.filter((one) => one.name === "network.up");
  const isDivided = rates.length > 0;
  const temperatures = zones.flatMap((name) => series.filter((one) => one.name === name));
  const chosen = [
    temperatures.slice(0, isDivided ? 3 : MAX_TEMPERATURES),
    frequencies.slice(0, isDivided ? 1 : MAX_FREQUENCIES),
    latencies,
    powers.slice(0, isDivided ? 1 : MAX_TRACES - MAX_TEMPERATURES - MAX_FREQUENCIES - latencies.length),
    rates,
  ];
  const panels = isDivided ? [...PANELS, NETWORK] : PANELS;
  return panels.map((panel, k) => ({
    ...panel,
    missing: series.length ? panel.missing : nothing,
    lines: chosen[k].map((one, n) => line(one, n, panel)),
  }));
}

const PANELS = /** @type {const} */ ([
  { title: "Temperature", unit: "°C", per: 1, digits: 1, missing: "no sensor", shape: "linear", colors: [1, 2, 3, 5] },
  { title: "Frequency", unit: "GHz", per: 1e9, digits: 2, missing: "no sensor", shape: "hv", colors: [2, 3, 5, 4] },
  { title: "Latency", unit: "ms", per: 1e-3, digits: 1, missing: "no inference yet", shape: "linear", colors: [3, 1, 2, 4] },
  { title: "Power", unit: "W", per: 1, digits: 2, missing: "no sensor", shape: "linear", colors: [4, 5] },
]);

const NETWORK = /** @type {const} */ ({
  title: "Network", unit: "Mbit/s", per: 1e6, digits: 1, missing: "nothing was sent", shape: "hv", colors: [2],
});

// One of each place that heats up in its own time: the die, the case, the cell, the GPU.
const PLACES = [/cpu|soc|cluster|big|prime/i, /skin|shell|back|case/i, /batt/i, /gpu/i];

/**
 * The temperatures to show unless a person chooses: of each place the hottest now, then the
 * hottest of the rest.
 * @param {Iterable<import("./run-trace.js").Series>} all
 * @returns {string[]}
 */
export function usualZones(all) {
  const zones = [...all].filter(({ unit }) => unit === "°C").sort(byHeat);
  const places = PLACES.map((place) => zones.find(({ name }) => place.test(name)));
  const names = [...places, ...zones].flatMap((zone) => zone?.name ?? []);
  return [...new Set(names)].slice(0, MAX_TEMPERATURES);
}

/**
 * All temperatures that a run has, by name.
 * @param {Iterable<import("./run-trace.js").Series>} all
 */
export function allZones(all) {
  return [...all].filter(({ unit }) => unit === "°C").map(({ name }) => name).sort();
}

/**
 * @param {import("./run-trace.js").Series} a
 * @param {import("./run-trace.js").Series} b
 */
function byHeat(a, b) {
  return (b.last || -Infinity) - (a.last || -Infinity) || b.name.localeCompare(a.name);
}

/**
 * @param {import("./run-trace.js").Series} series
 * @param {number} place
 * @param {{shape: "linear" | "hv", colors: readonly number[]}} panel
 * @returns {Line}
 */
function line(series, place, { shape, colors }) {
  const color = `--trace-${colors[place % colors.length]}`;
  return { series, label: labelOf(series.name), shape, color, dash: DASHES[place % DASHES.length] };
}

const NAMES = new Map([
  ["inference.latency", "each inference"],
  ["inference.head", "before sending"],
  ["inference.network", "away"],
  ["inference.peer_compute", "at the server"],
  ["network.up", "up"],
]);

/**
 * `zone.skin-msm-therm.temperature` is read as `skin-msm-therm`, `cpu.big.frequency` as `big`.
 * @param {string} name
 */
export function labelOf(name) {
  const parts = name.split(".");
  if (parts.length > 2) return parts.slice(1, -1).join(".");
  return NAMES.get(name) ?? parts[0];
}
