// Says in words how fresh the picture is: live, catching up, reconnecting, stale for so long.

const TICK_MS = 1000;
const STALE_AFTER_MS = 4000; // blocks come at least once a second
/** @type {Record<string, string>} */
const WORDS = {
  connecting: "connecting",
  live: "live",
  refilling: "catching up",
  away: "connection lost, trying again",
  refused: "not allowed to watch",
};

export class LinkWords {
  /** @type {HTMLElement | null} */
  #element = null;
  #state = "connecting";
  #heardMs = performance.now();
  #samples = 0;
  #timer = 0;

  /** @param {Element | null} element */
  start(element) {
    this.#element = /** @type {HTMLElement | null} */ (element);
    if (element) this.#timer = window.setInterval(() => this.#tick(), TICK_MS);
  }

  stop() {
    clearInterval(this.#timer);
  }

  /** @param {string} state one of the words' keys */
  say(state) {
    this.#state = state;
    this.#write(state, WORDS[state]);
  }

  /** @param {number} samples that just came */
  heard(samples) {
    this.#heardMs = performance.now();
    this.#samples += samples;
  }

  #tick() {
    const silentMs = performance.now() - this.#heardMs;
    const rate = this.#samples;
    this.#samples = 0;
    if (this.#state !== "live") return;
    if (silentMs > STALE_AFTER_MS) this.#write("stale", `nothing new for ${Math.round(silentMs / 1000)} s`);
    else if (rate) this.#write("live", `live · ${rate.toLocaleString("en")} samples/s`);
  }

  /**
   * @param {string} state
   * @param {string} text
   */
  #write(state, text) {
    if (!this.#element) return;
    this.#element.dataset.state = state;
    this.#element.textContent = text;
  }
}
