/// <reference path="../globals.d.ts" />
// Keeps the cards of the fleet page true: readings at once, everything else by asking for the card.

import { hottestOf } from "../lib/hottest.js";

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 15_000;
const REFRESH_MS = 1000; // per card: a burst of changes asks for it once
const SLOW_REFRESH_MS = 15_000; // "seen 12 s ago" ages without any news

/**
 * @typedef {object} News
 * @property {string} ev
 * @property {number} device
 * @property {string} [state]
 * @property {string} [phase] of the run on it
 * @property {number} [hottest_c]
 * @property {number} [t_s]
 * @property {number} [planned_s]
 */

export class FleetFeed extends HTMLElement {
  /** @type {WebSocket | undefined} */
  #socket;
  #retryMs = FIRST_RETRY_MS;
  /** @type {Map<number, number>} */
  #due = new Map();
  #timer = 0;

  connectedCallback() {
    this.#open();
    this.#timer = window.setInterval(() => this.#refreshAll(), SLOW_REFRESH_MS);
    this.addEventListener("htmx:afterSettle", () => this.#fillLines());
    this.#fillLines();
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
    this.#retryMs = 0;
    this.#socket?.close();
  }

  #open() {
    const url = new URL(this.dataset.path ?? "", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    this.#socket = new WebSocket(url);
    this.#socket.addEventListener("message", ({ data }) => this.#take(JSON.parse(data)));
    this.#socket.addEventListener("open", () => (this.#retryMs = FIRST_RETRY_MS));
    this.#socket.addEventListener("close", () => this.#retry());
  }

  #retry() {
    if (!this.#retryMs) return;
    setTimeout(() => this.isConnected && this.#open(), this.#retryMs);
    this.#retryMs = Math.min(LONGEST_RETRY_MS, this.#retryMs * 2);
  }

  /** @param {News} news */
  #take(news) {
    if (news.ev !== "device") return;
    const card = document.getElementById(`device-${news.device}`);
    if (!card) return htmx.trigger(this, "newcomer");
    if (isOutdated(card, news)) this.#refreshSoon(card, news.device);
    if (news.hottest_c !== undefined) showReading(card, news.hottest_c);
    showProgress(card, news);
  }

  /** A phone that was at work before the page came has a past. */
  async #fillLines() {
    await customElements.whenDefined("spark-line");
    /** @type {NodeListOf<import("./spark-line.js").SparkLine>} */
    const lines = this.querySelectorAll("spark-line[data-run]");
    for (const line of lines) {
      if (line.isEmpty) line.fill(await hottestOf(line.dataset.run ?? "", Number(line.dataset.speed)));
    }
  }

  /**
   * @param {Element} card
   * @param {number} device
   */
  #refreshSoon(card, device) {
    if (this.#due.has(device)) return;
    const timer = window.setTimeout(() => {
      this.#due.delete(device);
      const current = document.getElementById(card.id);
      if (current) htmx.trigger(current, "refresh");
    }, REFRESH_MS);
    this.#due.set(device, timer);
  }

  #refreshAll() {
    if (document.hidden) return;
    for (const card of this.querySelectorAll("[data-device]")) {
      this.#refreshSoon(card, Number(/** @type {HTMLElement} */ (card).dataset.device));
    }
  }
}

/**
 * Whether more has changed than a number: the device's state, or a run that came or went.
 * @param {HTMLElement} card
 * @param {News} news
 */
function isOutdated(card, { state, phase }) {
  if (phase !== undefined) return card.dataset.phase !== phase;
  return state !== undefined && card.dataset.state !== state;
}

/**
 * @param {Element} card
 * @param {number} celsius
 */
function showReading(card, celsius) {
  const number = card.querySelector("[data-hottest]");
  if (number) number.textContent = celsius.toFixed(1);
  card.querySelector(".readout--none")?.classList.remove("readout--none");
  card.querySelector(".heat-scale--none")?.classList.remove("heat-scale--none");
  /** @type {HTMLElement | null} */ (card.querySelector(".heat-scale"))?.style.setProperty("--celsius", String(celsius));
  const spark = /** @type {import("./spark-line.js").SparkLine | null} */ (card.querySelector("spark-line"));
  spark?.push(celsius);
}

/**
 * @param {Element} card
 * @param {News} news
 */
function showProgress(card, { t_s, planned_s }) {
  const bar = card.querySelector("progress");
  if (bar && t_s !== undefined && planned_s) bar.value = Math.min(1, t_s / planned_s);
}

customElements.define("fleet-feed", FleetFeed);
