// Runs one piece of work as often as asked, but never more often than its period, nor unseen, nor
// so often that a slow machine does nothing else.

const LARGEST_SHARE = 0.25; // of the main thread

export class Pacer {
  #periodMs;
  #work;
  #nextMs = -Infinity;
  #timer = 0;
  #isWanted = false;
  #isVisible = true;

  /**
   * @param {number} periodMs
   * @param {() => unknown} work
   */
  constructor(periodMs, work) {
    this.#periodMs = periodMs;
    this.#work = work;
  }

  /** Ask for the work; many wishes within one period are one. */
  ask() {
    this.#isWanted = true;
    if (this.#timer || !this.#isVisible) return;
    const waitMs = Math.max(0, this.#nextMs - performance.now());
    this.#timer = window.setTimeout(() => this.#run(), waitMs);
  }

  /** @param {boolean} isVisible */
  show(isVisible) {
    this.#isVisible = isVisible;
    if (isVisible && this.#isWanted) this.ask();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#isWanted = false;
  }

  #run() {
    this.#timer = 0;
    if (!this.#isVisible) return;
    this.#isWanted = false;
    const startMs = performance.now();
    this.#work();
    const tookMs = performance.now() - startMs;
    this.#nextMs = startMs + Math.max(this.#periodMs, tookMs / LARGEST_SHARE);
  }
}
