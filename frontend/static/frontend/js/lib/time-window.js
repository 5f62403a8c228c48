// Which stretch of a trace is shown: everything, the last seconds, or one that a person fixed.

const LEAST_RANGE_S = 10; // of an empty plot

/** @typedef {[number, number]} Range [s of trace time] */
/** @typedef {{oldest: number, newest: number}} Extent */

export class TimeWindow {
  seconds = Infinity;
  /** @type {Range | undefined} */
  fixed;

  /**
   * Follow what comes in, and show this much of it.
   * @param {number} seconds
   */
  follow(seconds) {
    this.seconds = seconds;
    this.fixed = undefined;
  }

  /**
   * Hold still at what is shown now.
   * @param {Extent} extent
   */
  hold(extent) {
    this.fixed = this.range(extent);
  }

  /**
   * @param {Extent} extent
   * @returns {Range}
   */
  range({ oldest, newest }) {
    if (this.fixed) return this.fixed;
    const first = Math.min(oldest, newest);
    const last = Math.max(newest, first + LEAST_RANGE_S);
    return [Math.max(first, last - this.seconds), last];
  }

  /**
   * The same middle, wider or narrower.
   * @param {Extent} extent
   * @param {number} factor
   * @returns {Range}
   */
  scaled(extent, factor) {
    const [from, to] = this.range(extent);
    const half = ((to - from) * factor) / 2;
    const middle = (from + to) / 2;
    return [Math.max(extent.oldest, middle - half), Math.min(extent.newest, middle + half)];
  }

  /**
   * The same width, further on or back.
   * @param {Extent} extent
   * @param {number} share of the width
   * @returns {Range}
   */
  shifted(extent, share) {
    const [from, to] = this.range(extent);
    const by = Math.min(extent.newest - to, Math.max(extent.oldest - from, share * (to - from)));
    return [from + by, to + by];
  }
}
