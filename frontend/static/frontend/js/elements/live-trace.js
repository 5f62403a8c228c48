// The plot of a run: its stored trace, then whatever comes in, one time axis for all panels.

import { Figure } from "../lib/figure.js";
import { LinkWords } from "../lib/link-words.js";
import { Pacer } from "../lib/pacer.js";
import { panelsOf, usualZones } from "../lib/panels.js";
import { RunTrace } from "../lib/run-trace.js";
import { summaryOf } from "../lib/summary.js";
import { onThemeChange } from "../lib/theme.js";
import { throttledBands } from "../lib/throttling.js";
import { fetchHistory } from "../lib/trace-history.js";
import { TraceSocket } from "../lib/trace-socket.js";

const DRAW_MS = 200; // at most five draws a second
const SUMMARY_MS = 5000; // a screen reader must be able to follow
const LEAST_RANGE_S = 10; // of an empty plot
const WARM_S = 30; // [s under load]
const CURSOR_STEP = 0.01; // of the shown range
const ZOOM_STEP = 0.5;

/**
 * What the server knows of the run, written into the page.
 * @typedef {object} Facts
 * @property {[number, number][] | null} spans throttled, from the analysis [s since the load started]
 */

export class LiveTrace extends HTMLElement {
  #trace = new RunTrace();
  /** @type {RunTrace | undefined} what was fetched again, finer, for a zoom */
  #zoomed;
  /** @type {[number, number] | undefined} a fixed stretch of time; undefined: follow */
  #zoom;
  #windowS = Infinity;
  #isPaused = false;
  #isLoaded = false;
  #isChosen = false;
  /** @type {string[]} */
  #zones = [];
  /** @type {TraceSocket | undefined} */
  #socket;
  /** @type {Figure} */ // @ts-expect-error: set when connected
  #figure;
  #words = new LinkWords();
  #pacer = new Pacer(DRAW_MS, () => this.#draw());
  #summary = new Pacer(SUMMARY_MS, () => this.#describe());
  // A little before it comes into view, so that it is there when it does.
  #whenSeen = new IntersectionObserver(
    ([entry]) => this.#pacer.show(entry.isIntersecting && !document.hidden),
    { rootMargin: "50%" },
  );
  #whenSized = new ResizeObserver(() => this.#pacer.ask());
  #stopTheme = () => {};

  async connectedCallback() {
    this.#figure = new Figure(/** @type {HTMLElement} */ (this.querySelector(".trace__figure")));
    this.#figure.element.addEventListener("zoom", (event) => this.#zoomTo(/** @type {CustomEvent} */ (event).detail));
    this.#figure.element.addEventListener("cursor", (event) => this.#clock(/** @type {CustomEvent} */ (event).detail));
    this.addEventListener("click", this);
    this.addEventListener("keydown", this);
    document.addEventListener("visibilitychange", this);
    this.#whenSeen.observe(this);
    this.#whenSized.observe(this.#figure.element);
    this.#stopTheme = onThemeChange(() => this.#recolor());
    this.#words.start(this.querySelector(".link-state"));
    const seq = await this.#load();
    if (this.isConnected && "live" in this.dataset) this.#follow(seq);
  }

  disconnectedCallback() {
    this.#socket?.close();
    this.#words.stop();
    this.#pacer.stop();
    this.#summary.stop();
    this.#whenSeen.disconnect();
    this.#whenSized.disconnect();
    this.#stopTheme();
    document.removeEventListener("visibilitychange", this);
    this.#figure.remove();
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (event.type === "visibilitychange") this.#hideOrShow();
    else if (event instanceof KeyboardEvent) this.#press(event);
    else this.#click(/** @type {Element} */ (event.target).closest("button"));
  }

  /** Show the last seconds, or everything; both follow what comes in. @param {number} seconds */
  showLast(seconds) {
    this.#windowS = seconds;
    this.#zoom = this.#zoomed = undefined;
    for (const button of this.querySelectorAll("[data-window]")) {
      button.setAttribute("aria-pressed", String(Number(/** @type {HTMLElement} */ (button).dataset.window) === seconds));
    }
    this.#pacer.ask();
  }

  /** Hold the picture still, or let it follow again. */
  togglePause() {
    this.#isPaused = !this.#isPaused;
    this.querySelector("[data-action=pause]")?.setAttribute("aria-pressed", String(this.#isPaused));
    this.#zoom = this.#isPaused ? this.#range : undefined;
    this.#pacer.ask();
  }

  async #load() {
    try {
      const history = await fetchHistory(this.dataset.trace ?? "");
      this.#trace.addHistory(history);
      this.#isLoaded = true;
      this.#pacer.ask();
      this.dataset.seq = String(history.seq);
      return history.seq;
    } catch (error) {
      this.#words.say("away");
      console.warn("the stored trace could not be read", error);
      return 0;
    }
  }

  /** @param {number} seq */
  #follow(seq) {
    const socket = new TraceSocket(this.dataset.socket ?? "", seq);
    const on = (/** @type {string} */ name, /** @type {(detail: any) => void} */ take) =>
      socket.addEventListener(name, (event) => take(/** @type {CustomEvent} */ (event).detail));
    on("hello", ({ trials }) => this.#trace.declare(trials));
    on("frame", (frame) => this.#takeFrame(frame));
    on("event", (event) => this.#takeEvent(event));
    on("link", (state) => this.#words.say(state));
    socket.open();
    this.#socket = socket;
  }

  /** @param {import("../lib/run-trace.js").TraceEvent} event */
  #takeEvent(event) {
    if (event.kind === "trial") this.#trace.declare([/** @type {any} */ (event.data)]);
    else this.#trace.addEvent(event);
    this.#pacer.ask();
  }

  /** @param {import("../lib/frame.js").Frame} frame */
  #takeFrame(frame) {
    // Its declaration was missed: the next hello has it.
    if (!this.#trace.trials.has(frame.trial)) return this.#socket?.rewind(frame.seq - 1);
    this.#trace.addFrame(frame);
    this.#words.heard(frame.block.rows * (frame.block.channels.length - 1));
    this.#pacer.ask();
  }

  #hideOrShow() {
    this.#pacer.show(!document.hidden);
    if (document.hidden) this.#socket?.pause();
    else this.#socket?.resume();
  }

  /** @type {[number, number]} */
  get #range() {
    if (this.#zoom) return this.#zoom;
    const { newest } = this.#trace;
    const last = Math.max(newest, LEAST_RANGE_S);
    return [Number.isFinite(this.#windowS) ? Math.max(0, last - this.#windowS) : 0, last];
  }

  async #draw() {
    if (!this.#isLoaded) return;
    const trace = this.#zoomed ?? this.#trace;
    const zero = this.#trace.soakStart ?? 0;
    this.#chooseZones();
    await this.#figure.show({
      panels: panelsOf(trace.series.values(), this.#zones),
      range: this.#range,
      zero,
      bands: this.#bands(zero),
      marks: this.#marks(),
    });
    this.dataset.seq = String(this.#socket?.since ?? this.dataset.seq ?? 0);
    this.dataset.drawn = String(Number(this.dataset.drawn ?? 0) + 1);
    this.#summary.ask();
  }

  /** Which zones are the hottest shows only under load; then the choice stays. */
  #chooseZones() {
    const { soakStart, newest, series } = this.#trace;
    const isWarm = soakStart !== undefined && newest > soakStart + WARM_S;
    if (!this.#zones.length || !this.#isChosen) this.#zones = usualZones(series.values());
    this.#isChosen = isWarm;
  }

  /** @param {number} zero */
  #bands(zero) {
    const { spans } = /** @type {Facts} */ (JSON.parse(document.getElementById("trace-facts")?.textContent ?? "{}"));
    if (spans) return spans.map(([from, to]) => ({ from: from + zero, to: to + zero }));
    return throttledBands(this.#trace.series.values(), this.#trace.soakStart, this.#trace.newest);
  }

  #marks() {
    const { soakStart, soakEnd } = this.#trace;
    const marks = [{ at: 0, label: "settling" }];
    if (soakStart !== undefined) marks.push({ at: soakStart, label: "soak" });
    if (soakEnd !== undefined) marks.push({ at: soakEnd, label: "load off" });
    return marks;
  }

  /** @param {{from: number, to: number}} stretch */
  async #zoomTo({ from, to }) {
    this.#zoom = [from, to];
    this.#pacer.ask();
    const history = await fetchHistory(this.dataset.trace ?? "", from, to);
    if (this.#zoom?.[0] !== from) return; // somebody zoomed on meanwhile
    this.#zoomed = new RunTrace();
    this.#zoomed.addHistory(history);
    this.#pacer.ask();
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (!/** @type {Element} */ (event.target).matches(".trace__plot") || event.ctrlKey || event.metaKey) return;
    const act = this.#keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  /** @type {Record<string, () => void>} */
  #keys = {
    ArrowLeft: () => this.#figure.stepCursor(-CURSOR_STEP),
    ArrowRight: () => this.#figure.stepCursor(CURSOR_STEP),
    w: () => this.#scale(ZOOM_STEP),
    s: () => this.#scale(1 / ZOOM_STEP),
    a: () => this.#shift(-ZOOM_STEP),
    d: () => this.#shift(ZOOM_STEP),
    f: () => this.showLast(Infinity),
    " ": () => this.togglePause(),
    Escape: () => this.#figure.moveCursor(NaN),
  };

  /** @param {number} factor */
  #scale(factor) {
    const [from, to] = this.#range;
    const half = ((to - from) * factor) / 2;
    const middle = (from + to) / 2;
    this.#zoomTo({ from: Math.max(0, middle - half), to: Math.min(this.#trace.newest, middle + half) });
  }

  /** @param {number} share */
  #shift(share) {
    const [from, to] = this.#range;
    const by = Math.min(this.#trace.newest - to, Math.max(-from, share * (to - from)));
    this.#zoomTo({ from: from + by, to: to + by });
  }

  /** @param {Element | null} button */
  #click(button) {
    if (!(button instanceof HTMLElement)) return;
    if (button.dataset.window) this.showLast(Number(button.dataset.window));
    if (button.dataset.action === "pause") this.togglePause();
    if (button.dataset.action === "picture") this.#figure.download(this.dataset.picture ?? "run");
  }

  #recolor() {
    this.#figure.forgetColors();
    this.#pacer.ask();
  }

  /** @param {string} text */
  #clock(text) {
    const clock = this.querySelector("[data-cursor]");
    if (clock) clock.textContent = text && `at ${text}`;
  }

  #describe() {
    const text = summaryOf(panelsOf(this.#trace.series.values(), this.#zones));
    this.querySelector(".trace__plot")?.setAttribute("aria-label", text);
  }
}

customElements.define("live-trace", LiveTrace);
