// A small line of the recent readings of one value, on a canvas: cheap enough for a wall of phones.

import { readingsOf, remember, replace } from "../lib/spark-history.js";
import { colorOf, onThemeChange } from "../lib/theme.js";

const LINE_WIDTH = 1.75; // [px]
const INSET = 4; // [px] room for the dot at the end
const LEAST_SPAN = 4; // in the value's unit: noise must not fill the whole height
const LEAST_TIME_S = 60; // a line starts short and grows

export class SparkLine extends HTMLElement {
  #canvas = document.createElement("canvas");
  #resize = new ResizeObserver(() => this.#draw());
  #stopTheme = () => {};

  connectedCallback() {
    this.setAttribute("role", "img");
    this.replaceChildren(this.#canvas);
    this.#resize.observe(this);
    this.#stopTheme = onThemeChange(() => this.#draw());
    const value = Number(this.dataset.value || NaN);
    if (!Number.isNaN(value) && !this.dataset.run) this.push(value);
  }

  disconnectedCallback() {
    this.#resize.disconnect();
    this.#stopTheme();
  }

  /** @param {number} value read just now */
  push(value) {
    remember(this.#key, { at: Date.now() / 1000, value }, Boolean(this.dataset.run));
    this.#draw();
  }

  /** @param {import("../lib/spark-history.js").Reading[]} readings */
  fill(readings) {
    replace(this.#key, readings);
    this.#draw();
  }

  get isEmpty() {
    return !readingsOf(this.#key).length;
  }

  /** A run has a line of its own. */
  get #key() {
    return `${this.dataset.key}/${this.dataset.run ?? ""}`;
  }

  #draw() {
    const readings = readingsOf(this.#key);
    this.setAttribute("aria-label", this.#words(readings.map(({ value }) => value)));
    const context = this.#canvas.getContext("2d");
    if (!context || !this.clientWidth) return;
    this.#canvas.width = this.clientWidth * devicePixelRatio;
    this.#canvas.height = this.clientHeight * devicePixelRatio;
    if (!readings.length) return;
    context.scale(devicePixelRatio, devicePixelRatio);
    context.strokeStyle = context.fillStyle = colorOf(this, "--trace-1");
    context.lineWidth = LINE_WIDTH;
    context.lineJoin = "round";
    this.#stroke(context, this.#placed(readings));
  }

  /**
   * Pixels of each reading: the newest at the right edge, the lowest at the bottom.
   * @param {import("../lib/spark-history.js").Reading[]} readings
   */
  #placed(readings) {
    const values = readings.map(({ value }) => value);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const span = Math.max(LEAST_SPAN, most - least);
    const low = (least + most - span) / 2;
    const last = readings[readings.length - 1].at;
    const time = Math.max(LEAST_TIME_S, last - readings[0].at);
    const [width, height] = [this.clientWidth - 2 * INSET, this.clientHeight - 2 * INSET];
    return readings.map(({ at, value }) => ({
      x: INSET + width * (1 - (last - at) / time),
      y: INSET + height * (1 - (value - low) / span),
    }));
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {{x: number, y: number}[]} points
   */
  #stroke(context, points) {
    context.beginPath();
    for (const { x, y } of points) context.lineTo(x, y);
    context.stroke();
    const { x, y } = points[points.length - 1];
    context.beginPath();
    context.arc(x, y, 2.5, 0, 2 * Math.PI);
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
