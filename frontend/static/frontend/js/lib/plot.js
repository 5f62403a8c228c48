/// <reference path="../globals.d.ts" />
// The only file that speaks to Plotly: panels above one time axis, drawn anew as a whole.

import { thin } from "./thin.js";
import { clockText, ticksBetween } from "./time-axis.js";

// A bundle draws a type that it lacks as a scatter, silently; so we refuse what is not listed.
const TRACE_TYPES = ["scatter", "bar", "box", "violin", "histogram", "heatmap", "contour"];
const MAX_TRACES = 10; // more, and a draw takes too much of the main thread
const MAX_POINTS = 2000; // per trace
const PIXELS_PER_TICK = 90;
const PIXELS_PER_LETTER = 7;

export const MARGIN = { left: 44, right: 10, bottom: 26 };

/**
 * @typedef {object} Band a shaded stretch of time, behind all panels
 * @property {number} from [s]
 * @property {number} to [s]
 *
 * @typedef {object} Mark a line at one moment, with a word
 * @property {number} at [s]
 * @property {string} label
 *
 * @typedef {object} View
 * @property {import("./panels.js").Panel[]} panels
 * @property {{top: number, height: number}[]} places of the panels [px from the figure's top]
 * @property {number} height [px]
 * @property {[number, number]} range [s]
 * @property {number} zero where the clock reads 0:00 [s]
 * @property {Band[]} bands
 * @property {Mark[]} marks
 * @property {(name: string) => string} color
 */

/**
 * Draw a view into an element.
 * @param {HTMLElement} element
 * @param {View} view
 */
export function draw(element, view) {
  const traces = view.panels.flatMap((panel, k) => panel.lines.map((line) => traceOf(panel, k, line, view)));
  check(traces);
  return Plotly.react(element, traces, layoutOf(element, view), { displayModeBar: false, responsive: false });
}

/**
 * @param {HTMLElement} element
 * @param {(from: number, to: number) => void} zoomed
 */
export function onZoom(element, zoomed) {
  // Plotly adds `on` to the element with the first draw.
  /** @type {any} */ (element).on("plotly_relayout", (/** @type {Record<string, number>} */ change) => {
    const [from, to] = [change["xaxis.range[0]"], change["xaxis.range[1]"]];
    if (from !== undefined && to !== undefined) zoomed(from, to);
  });
}

/** @param {HTMLElement} element */
export function remove(element) {
  Plotly.purge(element);
}

/**
 * @param {HTMLElement} element
 * @param {string} filename
 */
export function download(element, filename) {
  return Plotly.downloadImage(element, { format: "png", scale: 2, filename });
}

/** @param {{type: string}[]} traces */
function check(traces) {
  if (traces.length > MAX_TRACES) throw new Error(`${traces.length} traces; a figure holds ${MAX_TRACES}`);
  const odd = traces.find(({ type }) => !TRACE_TYPES.includes(type));
  if (odd) throw new Error(`trace type ${odd.type} is not one of ${TRACE_TYPES.join(", ")}`);
}

/**
 * @param {import("./panels.js").Panel} panel
 * @param {number} place
 * @param {import("./panels.js").Line} line
 * @param {View} view
 */
function traceOf(panel, place, line, { range, color }) {
  const { times, values } = thin(line.series.ring, range[0], range[1], MAX_POINTS);
  return {
    type: "scatter",
    mode: "lines",
    name: line.series.name,
    x: times,
    y: values.map((value) => (value === null ? null : value / panel.per)),
    yaxis: axisName("y", place),
    line: { color: color(line.color), dash: line.dash, shape: line.shape, width: 1.4 },
    hoverinfo: "skip",
    connectgaps: false,
  };
}

/**
 * @param {HTMLElement} element
 * @param {View} view
 */
function layoutOf(element, view) {
  const { color, range, zero } = view;
  const width = element.clientWidth;
  const ticks = ticksBetween(range[0] - zero, range[1] - zero, width / PIXELS_PER_TICK);
  return {
    width,
    height: view.height,
    margin: { l: MARGIN.left, r: MARGIN.right, t: 0, b: MARGIN.bottom },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: getComputedStyle(element).fontFamily, size: 11, color: color("--trace-axis") },
    showlegend: false,
    hovermode: false,
    // A finger on the plot scrolls the page; keys and buttons zoom there.
    dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom",
    shapes: [...view.bands.flatMap((band) => bandShapes(band, view)), ...view.marks.flatMap((mark) => markShapes(mark, view))],
    annotations: view.marks.flatMap((mark, k) => markWord(mark, view.marks[k + 1], view, width)),
    xaxis: {
      range,
      tickmode: "array",
      tickvals: ticks.map((tick) => tick + zero),
      ticktext: ticks.map(clockText),
      // Free, because a panel without a line has no axis that this one could hang on.
      anchor: "free",
      position: 0,
      gridcolor: color("--trace-grid"),
      zeroline: false,
      showline: false,
    },
    ...yAxes(view),
  };
}

/** @param {View} view */
function yAxes({ panels, places, height, color }) {
  const inner = height - MARGIN.bottom;
  return Object.fromEntries(
    panels.map((panel, k) => {
      const { top, height: own } = places[k];
      return [
        axisName("yaxis", k),
        {
          domain: [1 - (top + own) / inner, 1 - top / inner],
          gridcolor: color("--trace-grid"),
          zeroline: false,
          showline: false,
          fixedrange: true,
          nticks: 4,
          rangemode: panel.unit === "°C" ? "normal" : "tozero",
          showticklabels: panel.lines.length > 0,
          showgrid: panel.lines.length > 0,
        },
      ];
    }),
  );
}

/**
 * A wash over the height of each panel.
 * @param {Band} band
 * @param {View} view
 */
function bandShapes({ from, to }, { panels, color }) {
  return panels.map((_, k) => ({
    type: "rect",
    x0: from,
    x1: to,
    yref: `${axisName("y", k)} domain`,
    y0: 0,
    y1: 1,
    fillcolor: color("--trace-throttled"),
    opacity: 0.13,
    line: { width: 0 },
    layer: "below",
  }));
}

/**
 * A line through each panel; the heads between them stay free.
 * @param {Mark} mark
 * @param {View} view
 */
function markShapes({ at }, { panels, color }) {
  return panels.map((_, k) => ({
    type: "line",
    x0: at,
    x1: at,
    yref: `${axisName("y", k)} domain`,
    y0: 0,
    y1: 1,
    line: { color: color("--trace-phase"), width: 1, dash: "2px,3px" },
  }));
}

/**
 * The word stands at the top, right of its line, if there is room until the next one.
 * @param {Mark} mark
 * @param {Mark | undefined} next
 * @param {View} view
 * @param {number} width [px]
 */
function markWord({ at, label }, next, { color, range }, width) {
  const x = Math.max(at, range[0]);
  const room = ((Math.min(next?.at ?? Infinity, range[1]) - x) / (range[1] - range[0])) * width;
  const isLast = next === undefined;
  if (room < PIXELS_PER_LETTER * label.length && !(isLast && at < range[1])) return [];
  const word = {
    x,
    y: 1,
    yref: "paper",
    yanchor: "top",
    xanchor: isLast && room < PIXELS_PER_LETTER * label.length ? "right" : "left",
    text: label,
    showarrow: false,
    font: { color: color("--trace-axis"), size: 11 },
  };
  return [word];
}

/**
 * Plotly's names count y, y2, y3 …
 * @param {string} stem
 * @param {number} place
 */
function axisName(stem, place) {
  return place === 0 ? stem : `${stem}${place + 1}`;
}
