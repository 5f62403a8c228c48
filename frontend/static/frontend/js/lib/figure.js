// The figure of a run: heads with live values over Plotly's panels, and a cursor through them all.

import * as plot from "./plot.js";
import { colorOf } from "./theme.js";
import { clockText } from "./time-axis.js";

const WIDE = { head: 34, panel: 148 }; // [px]
const NARROW = { head: 58, panel: 118 };
const EMPTY_PANEL = 40; // [px] room for the words that nothing is there
const LEGEND_ROW = 18; // [px]
const PER_LEGEND_ROW = 3; // lines, where it is narrow
const RIBBON = 22; // [px] above all panels: the names of the phases
const NARROW_BELOW = 640; // [px] there a head's values stand under its title
const DASHES = { solid: "", dash: "8 4", dot: "2 3", dashdot: "8 3 2 3", longdash: "13 4" };

/**
 * @typedef {object} Scene
 * @property {import("./panels.js").Panel[]} panels
 * @property {[number, number]} range [s]
 * @property {number} zero [s]
 * @property {import("./plot.js").Band[]} bands
 * @property {import("./plot.js").Mark[]} marks
 */

export class Figure {
  /** @type {Scene | undefined} */
  #scene;
  /** @type {Map<string, string>} */
  #colors = new Map();
  #plot;
  #heads = document.createElement("div");
  #cursor = document.createElement("div");
  #cursorAt = NaN;
  #layoutKey = "";

  /** @param {HTMLElement} element a positioned box around a `.trace__plot` */
  constructor(element) {
    this.element = element;
    this.#plot = /** @type {HTMLElement} */ (element.querySelector(".trace__plot"));
    this.#cursor.className = "trace__cursor";
    this.#cursor.hidden = true;
    element.append(this.#heads, this.#cursor);
    element.addEventListener("pointermove", ({ clientX }) => this.#point(clientX));
    element.addEventListener("pointerleave", () => this.moveCursor(NaN));
  }

  /** @param {Scene} scene */
  async show(scene) {
    const isFirst = !this.#scene;
    this.#scene = scene;
    const { places, height } = this.#places();
    this.#layHeads(places);
    const color = (/** @type {string} */ name) => this.#color(name);
    await plot.draw(this.#plot, { ...scene, places, height, color });
    if (isFirst) plot.onZoom(this.#plot, (from, to) => this.#emit("zoom", { from, to }));
    this.moveCursor(this.#cursorAt);
  }

  /** Colors are looked up once per theme. */
  forgetColors() {
    this.#colors.clear();
  }

  /** @param {string} filename */
  download(filename) {
    return plot.download(this.#plot, filename);
  }

  remove() {
    plot.remove(this.#plot);
  }

  /** @param {number} time [s]; NaN takes the cursor away */
  moveCursor(time) {
    if (!this.#scene) return;
    const [from, to] = this.#scene.range;
    this.#cursorAt = time >= from && time <= to ? time : NaN;
    this.#cursor.hidden = Number.isNaN(this.#cursorAt);
    if (!this.#cursor.hidden) {
      const share = (this.#cursorAt - from) / (to - from);
      this.#cursor.style.insetInlineStart = `${plot.MARGIN.left + share * this.#innerWidth}px`;
      this.#cursor.style.insetBlockEnd = `${plot.MARGIN.bottom}px`;
    }
    this.#writeValues();
  }

  /** @param {number} share of the shown range, signed */
  stepCursor(share) {
    if (!this.#scene) return;
    const [from, to] = this.#scene.range;
    const at = Number.isNaN(this.#cursorAt) ? to : this.#cursorAt;
    this.moveCursor(Math.min(to, Math.max(from, at + share * (to - from))));
  }

  get cursorText() {
    if (!this.#scene || Number.isNaN(this.#cursorAt)) return "";
    return clockText(Math.round((this.#cursorAt - this.#scene.zero) * 10) / 10);
  }

  get #innerWidth() {
    return this.#plot.clientWidth - plot.MARGIN.left - plot.MARGIN.right;
  }

  #places() {
    const isNarrow = this.#plot.clientWidth < NARROW_BELOW;
    const size = isNarrow ? NARROW : WIDE;
    let top = RIBBON;
    const places = (this.#scene?.panels ?? []).map(({ lines }) => {
      const isLong = isNarrow && lines.length > PER_LEGEND_ROW;
      const head = size.head + (isLong ? LEGEND_ROW : 0);
      const height = lines.length ? size.panel : EMPTY_PANEL;
      const place = { top: top + head, height, head };
      top += head + height;
      return place;
    });
    return { places, height: top + plot.MARGIN.bottom };
  }

  /** @param {{top: number, height: number, head: number}[]} places */
  #layHeads(places) {
    const panels = this.#scene?.panels ?? [];
    const key = JSON.stringify([places, panels.map(({ lines, missing }) => [missing, ...lines.map(({ label }) => label)])]);
    if (key === this.#layoutKey) return;
    this.#layoutKey = key;
    this.#heads.replaceChildren(...panels.flatMap((panel, k) => parts(panel, places[k])));
  }

  /** The values at the cursor, or the newest ones. */
  #writeValues() {
    const panels = this.#scene?.panels ?? [];
    const cells = this.#heads.querySelectorAll("b");
    panels
      .flatMap((panel) => panel.lines.map((line) => ({ panel, line })))
      .forEach(({ panel, line }, k) => {
        const text = valueText(panel, line, this.#cursorAt);
        if (cells[k] && cells[k].textContent !== text) cells[k].textContent = text;
      });
    this.#emit("cursor", this.cursorText);
  }

  /** @param {number} clientX */
  #point(clientX) {
    if (!this.#scene) return;
    const [from, to] = this.#scene.range;
    const x = clientX - this.#plot.getBoundingClientRect().left - plot.MARGIN.left;
    this.moveCursor(from + (x / this.#innerWidth) * (to - from));
  }

  /** @param {string} name */
  #color(name) {
    const known = this.#colors.get(name) ?? colorOf(this.element, name);
    this.#colors.set(name, known);
    return known;
  }

  /**
   * @param {string} name
   * @param {unknown} detail
   */
  #emit(name, detail) {
    this.element.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/**
 * @param {import("./panels.js").Panel} panel
 * @param {{top: number, height: number, head: number}} place
 */
function parts(panel, { top, height, head }) {
  const row = document.createElement("div");
  row.className = "trace__head";
  row.style.insetBlockStart = `${top - head + 6}px`;
  row.innerHTML = `<p class="trace__title"><span></span> <small></small></p><ul class="trace__legend"></ul>`;
  row.querySelector("span")?.append(panel.title);
  row.querySelector("small")?.append(panel.unit);
  row.querySelector("ul")?.append(...panel.lines.map(legendItem));
  if (panel.lines.length) return [row];
  const empty = document.createElement("p");
  empty.className = "trace__empty";
  empty.style.insetBlockStart = `${top}px`;
  empty.style.blockSize = `${height}px`;
  empty.append(panel.missing);
  return [row, empty];
}

/** @param {import("./panels.js").Line} line */
function legendItem({ label, color, dash }) {
  const item = document.createElement("li");
  item.innerHTML = `<svg class="trace__swatch" viewBox="0 0 24 8" aria-hidden="true"><path d="M0 4h24"/></svg>`;
  const path = item.querySelector("path");
  path?.setAttribute("stroke", `var(${color})`);
  path?.setAttribute("stroke-dasharray", DASHES[dash]);
  item.append(label, document.createElement("b"));
  return item;
}

/**
 * @param {import("./panels.js").Panel} panel
 * @param {import("./panels.js").Line} line
 * @param {number} time NaN: the newest value
 */
function valueText({ per, digits }, { series }, time) {
  const { ring } = series;
  const index = Number.isNaN(time) ? ring.length - 1 : ring.indexAt(time) - 1;
  const value = index < 0 ? NaN : ring.valueAt(index);
  return Number.isNaN(value) ? "–" : (value / per).toFixed(digits);
}
