// A ring of (time, value) points of one trace: bounded memory, the oldest points leave first.

const FIRST_CAPACITY = 1024; // [points] most traces stay short; the ring doubles up to its limit

export class RingBuffer {
  #times = new Float64Array(FIRST_CAPACITY);
  #values = new Float64Array(FIRST_CAPACITY);
  #start = 0;
  #length = 0;
  #limit;

  /** @param {number} limit [points] */
  constructor(limit) {
    this.#limit = limit;
    if (limit < FIRST_CAPACITY) this.#resize(limit);
  }

  get length() {
    return this.#length;
  }

  /** @param {number} index 0 is the oldest */
  timeAt(index) {
    return this.#times[this.#slot(index)];
  }

  /** @param {number} index 0 is the oldest */
  valueAt(index) {
    return this.#values[this.#slot(index)];
  }

  /**
   * Add the newest point; times never decrease.
   * @param {number} time
   * @param {number} value NaN where the reading is missing
   */
  push(time, value) {
    if (this.#length === this.#times.length && this.#length < this.#limit) {
      this.#resize(Math.min(this.#limit, 2 * this.#length));
    }
    const slot = this.#slot(this.#length);
    this.#times[slot] = time;
    this.#values[slot] = value;
    if (this.#length < this.#times.length) this.#length += 1;
    else this.#start = this.#slot(1);
  }

  /**
   * Index of the first point at or after `time`; `length` when there is none.
   * @param {number} time
   */
  indexAt(time) {
    return this.#firstWhere((one) => one >= time);
  }

  /**
   * Index of the first point after `time`: of two at the same time neither is left out.
   * @param {number} time
   */
  indexAfter(time) {
    return this.#firstWhere((one) => one > time);
  }

  /** @param {(time: number) => boolean} isReached */
  #firstWhere(isReached) {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isReached(this.timeAt(middle))) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** @param {number} index */
  #slot(index) {
    return (this.#start + index) % this.#times.length;
  }

  /**
   * Only called while nothing has wrapped around yet.
   * @param {number} capacity
   */
  #resize(capacity) {
    const [times, values] = [this.#times, this.#values];
    this.#times = new Float64Array(capacity);
    this.#values = new Float64Array(capacity);
    this.#times.set(times.subarray(0, this.#length));
    this.#values.set(values.subarray(0, this.#length));
  }
}
