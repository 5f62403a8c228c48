// Runs one piece of work as often as asked, but never more often than its period, nor unseen.

export class Pacer {
  #periodMs;
  #work;
  #lastMs = -Infinity;
  #timer = 0;
  #isWanted = false;
  #isVisible = true;

  /**
   * @param {number} periodMs
   * @param {() => void} work
   */
  constructor(periodMs, work) {
    this.#periodMs = periodMs;
    this.#work = work;
  }

  /** Ask for the work; many wishes within one period are one. */
  ask() {
    this.#isWanted = true;
    if (this.#timer || !this.#isVisible) return;
    const waitMs = Math.max(0, this.#lastMs + this.#periodMs - performance.now());
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
    this.#lastMs = performance.now();
    this.#work();
  }
}
