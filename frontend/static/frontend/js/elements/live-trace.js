// The plot of a run: its stored trace, then whatever comes in, one time axis for all panels.

import "./zone-menu.js";

import { Figure } from "../lib/figure.js";
import { LinkWords } from "../lib/link-words.js";
import { Pacer } from "../lib/pacer.js";
import { allZones, panelsOf, usualZones } from "../lib/panels.js";
import { sceneryOf } from "../lib/scene.js";
import { summaryOf } from "../lib/summary.js";
import { onThemeChange } from "../lib/theme.js";
import { TimeWindow } from "../lib/time-window.js";
import { TraceFeed } from "../lib/trace-feed.js";

const DRAW_MS = 200; // at most five draws a second
const SUMMARY_MS = 5000; // a screen reader must be able to follow
const WARM_S = 30; // [s under load] before that no zone is the hottest yet
const CURSOR_STEP = 0.01; // of the shown range
const ZOOM_STEP = 0.5;

/** Says `drawn` after each draw, with the newest trace time in it [s]. */
export class LiveTrace extends HTMLElement {
  /** @type {TraceFeed} */ // @ts-expect-error: set when connected
  #feed;
  /** @type {import("../lib/run-trace.js").RunTrace | undefined} what was fetched again, finer, for a zoom */
  #zoomed;
  #window = new TimeWindow();
  /** @type {string[]} */
  #zones = [];
  #isChosen = false;
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
    this.#figure.element.addEventListener("zoom", this);
    this.#figure.element.addEventListener("cursor", this);
    this.#menu?.addEventListener("choose", this);
    this.addEventListener("click", this);
    this.addEventListener("keydown", this);
    document.addEventListener("visibilitychange", this);
    this.#whenSeen.observe(this);
    this.#whenSized.observe(this.#figure.element);
    this.#stopTheme = onThemeChange(() => this.#recolor());
    this.#words.start(this.querySelector(".link-state"));
    this.#feed = this.#opened();
    await this.#feed.load();
    if (this.isConnected && "live" in this.dataset) this.#feed.follow();
  }

  disconnectedCallback() {
    this.#feed.close();
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
    else if (event instanceof CustomEvent) this.#heard[event.type](event.detail);
    else this.#click(/** @type {Element} */ (event.target).closest("button"));
  }

  /** Show the last seconds, or everything; both follow what comes in. @param {number} seconds */
  showLast(seconds) {
    this.#window.follow(seconds);
    this.#zoomed = undefined;
    for (const button of this.querySelectorAll("[data-window]")) {
      const isThis = Number(/** @type {HTMLElement} */ (button).dataset.window) === seconds;
      button.setAttribute("aria-pressed", String(isThis));
    }
    this.#showPause(false);
    this.#pacer.ask();
  }

  /** Show these temperatures instead of the usual ones. @param {string[]} names */
  showZones(names) {
    this.#zones = names;
    this.#isChosen = true;
    this.#pacer.ask();
  }

  /** Hold the picture still, or let it follow again. */
  togglePause() {
    if (this.#window.fixed) return this.showLast(this.#window.seconds);
    this.#window.hold(this.#trace);
    this.#showPause(true);
  }

  /** Show one stretch of time, as finely as the store has it. @param {[number, number]} range */
  async zoomTo(range) {
    this.#window.fixed = range;
    this.#showPause(true);
    this.#pacer.ask();
    const finer = await this.#feed.finer(range);
    if (this.#window.fixed !== range) return; // somebody zoomed on meanwhile
    this.#zoomed = finer;
    this.#pacer.ask();
  }

  /** @type {Record<string, (detail: any) => unknown>} */
  #heard = {
    zoom: ({ from, to }) => this.zoomTo([from, to]),
    cursor: (text) => this.#showClock(text),
    choose: (names) => this.showZones(names),
  };

  /** @type {Record<string, () => unknown>} */
  #keys = {
    ArrowLeft: () => this.#figure.stepCursor(-CURSOR_STEP),
    ArrowRight: () => this.#figure.stepCursor(CURSOR_STEP),
    w: () => this.zoomTo(this.#window.scaled(this.#trace, ZOOM_STEP)),
    s: () => this.zoomTo(this.#window.scaled(this.#trace, 1 / ZOOM_STEP)),
    a: () => this.zoomTo(this.#window.shifted(this.#trace, -ZOOM_STEP)),
    d: () => this.zoomTo(this.#window.shifted(this.#trace, ZOOM_STEP)),
    f: () => this.showLast(Infinity),
    " ": () => this.togglePause(),
    Escape: () => this.#figure.moveCursor(NaN),
  };

  /** @type {Record<string, () => unknown>} */
  #actions = {
    pause: () => this.togglePause(),
    picture: () => this.#figure.download(this.dataset.picture ?? "run"),
    zones: () => this.#menu?.offer(allZones(this.#trace.series.values()), this.#zones),
  };

  /** @returns {import("./zone-menu.js").ZoneMenu | null} */
  get #menu() {
    return document.querySelector("zone-menu");
  }

  get #trace() {
    return this.#feed.trace;
  }

  #opened() {
    const { trace = "", socket = "" } = this.dataset;
    const feed = new TraceFeed(trace, socket, (samples) => this.#words.heard(samples));
    feed.addEventListener("news", () => this.#pacer.ask());
    feed.addEventListener("link", (event) =>
      this.#words.say(/** @type {CustomEvent} */ (event).detail),
    );
    return feed;
  }

  #hideOrShow() {
    this.#pacer.show(!document.hidden);
    if (document.hidden) this.#feed.pause();
    else this.#feed.resume();
  }

  async #draw() {
    if (!this.#feed.isLoaded) return;
    this.#chooseZones();
    const { series } = this.#zoomed ?? this.#trace;
    const nothing = this.#feed.isLive ? "waiting for the first sample" : undefined;
    await this.#figure.show({
      panels: panelsOf(series.values(), this.#zones, nothing),
      range: this.#window.range(this.#trace),
      ...sceneryOf(this.#trace, this.#spans),
    });
    this.dataset.seq = String(this.#feed.since);
    this.dataset.drawn = String(Number(this.dataset.drawn ?? 0) + 1);
    this.dispatchEvent(new CustomEvent("drawn", { detail: this.#trace.newest, bubbles: true }));
    this.#summary.ask();
  }

  /** Which zones are the hottest shows only under load; then the choice stays. */
  #chooseZones() {
    if (this.#isChosen) return;
    const { soakStart, newest, series } = this.#trace;
    this.#zones = usualZones(series.values());
    this.#isChosen = soakStart !== undefined && newest > soakStart + WARM_S;
  }

  /** @returns {[number, number][] | null} */
  get #spans() {
    return JSON.parse(document.getElementById("trace-facts")?.textContent ?? "{}").spans ?? null;
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const isForPlot = /** @type {Element} */ (event.target).matches(".trace__plot");
    const act = this.#keys[event.key];
    if (!isForPlot || !act || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    act();
  }

  /** @param {HTMLElement | null} button */
  #click(button) {
    if (button?.dataset.window) this.showLast(Number(button.dataset.window));
    if (button?.dataset.action) this.#actions[button.dataset.action]();
  }

  #recolor() {
    this.#figure.forgetColors();
    this.#pacer.ask();
  }

  /** @param {boolean} isPaused */
  #showPause(isPaused) {
    this.querySelector("[data-action=pause]")?.setAttribute("aria-pressed", String(isPaused));
  }

  /** @param {string} text */
  #showClock(text) {
    const clock = this.querySelector("[data-cursor]");
    if (clock) clock.textContent = text && `at ${text}`;
  }

  #describe() {
    const text = summaryOf(panelsOf(this.#trace.series.values(), this.#zones));
    this.querySelector(".trace__plot")?.setAttribute("aria-label", text);
  }
}

customElements.define("live-trace", LiveTrace);
