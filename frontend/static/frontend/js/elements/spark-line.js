// A small line of the last readings of one value, on a canvas: cheap enough for a wall of phones.

import { colorOf, onThemeChange } from "../lib/theme.js";

const KEPT = 120; // points: two minutes at one reading per second
const LINE_WIDTH = 1.75; // [px]
const LEAST_SPAN = 4; // in the value's unit: noise must not fill the whole height

// Cards are replaced when their device changes; the history of a value stays.
/** @type {Map<string, number[]>} */
const histories = new Map();

export class SparkLine extends HTMLElement {
  #canvas = document.createElement("canvas");
  #resize = new ResizeObserver(() => this.#draw());
  #stopTheme = () => {};

  connectedCallback() {
    this.setAttribute("role", "img");
    this.replaceChildren(this.#canvas);
    this.#resize.observe(this);
    this.#stopTheme = onThemeChange(() => this.#draw());
    const value = Number(this.dataset.value ?? NaN);
    if (!Number.isNaN(value) && !this.#values.length) this.push(value);
  }

  disconnectedCallback() {
    this.#resize.disconnect();
    this.#stopTheme();
  }

  /** @param {number} value */
  push(value) {
    const values = this.#values;
    values.push(value);
    if (values.length > KEPT) values.shift();
    histories.set(this.#key, values);
    this.#draw();
  }

  /** @param {number[]} values */
  fill(values) {
    histories.set(this.#key, values.slice(-KEPT));
    this.#draw();
  }

  get #key() {
    return this.dataset.key ?? "";
  }

  get #values() {
    return histories.get(this.#key) ?? [];
  }

  #draw() {
    const values = this.#values;
    this.setAttribute("aria-label", this.#words(values));
    const context = this.#canvas.getContext("2d");
    if (!context || !this.clientWidth) return;
    this.#canvas.width = this.clientWidth * devicePixelRatio;
    this.#canvas.height = this.clientHeight * devicePixelRatio;
    context.scale(devicePixelRatio, devicePixelRatio);
    context.strokeStyle = colorOf(this, "--trace-1");
    context.fillStyle = context.strokeStyle;
    context.lineWidth = LINE_WIDTH;
    context.lineJoin = "round";
    this.#trace(context, values);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number[]} values
   */
  #trace(context, values) {
    const inset = 4; // [px] room for the dot at the end
    const low = Math.min(...values);
    const span = Math.max(LEAST_SPAN, Math.max(...values) - low);
    const width = this.clientWidth - 2 * inset;
    const height = this.clientHeight - 2 * inset;
    const x = (/** @type {number} */ k) => inset + width - ((values.length - 1 - k) * width) / (KEPT - 1);
    const y = (/** @type {number} */ value) => inset + height - ((value - low) / span) * height;
    context.beginPath();
    values.forEach((value, k) => context.lineTo(x(k), y(value)));
    context.stroke();
    const last = values.length - 1;
    if (last < 0) return;
    context.beginPath();
    context.arc(x(last), y(values[last]), 2.5, 0, 2 * Math.PI);
    context.fill();
  }

  /** @param {number[]} values */
  #words(values) {
    if (!values.length) return "no readings yet";
    const unit = this.dataset.unit ?? "";
    const [low, high, last] = [Math.min(...values), Math.max(...values), values[values.length - 1]];
    return `last ${last} ${unit}, lowest ${low} ${unit}, highest ${high} ${unit}`;
  }
}

customElements.define("spark-line", SparkLine);
