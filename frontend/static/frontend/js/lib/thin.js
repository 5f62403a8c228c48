// Thinning: as many points as a plot may hold, each of them a reading that really happened.

/** @typedef {import("./ring-buffer.js").RingBuffer} RingBuffer */

/**
 * The points of a ring between two times, at most about `limit`. Beyond that, of each bucket of
 * time the lowest and the highest, in their order. Where all readings of a bucket are missing the
 * gap stays.
 * @param {RingBuffer} ring
 * @param {number} from
 * @param {number} to
 * @param {number} limit [points]
 * @returns {{times: number[], values: (number | null)[]}}
 */
export function thin(ring, from, to, limit) {
  // One point beyond each edge, so that the line reaches the border of the panel.
  const first = Math.max(0, ring.indexAt(from) - 1);
  const end = Math.min(ring.length, ring.indexAfter(to) + 1);
  const picked = end - first <= limit ? range(first, end) : extremes(ring, first, end, limit);
  return {
    times: picked.map((index) => ring.timeAt(index)),
    values: picked.map((index) => orNull(ring.valueAt(index))),
  };
}

/**
 * @param {number} first
 * @param {number} end
 */
function range(first, end) {
  return Array.from({ length: Math.max(0, end - first) }, (_, k) => first + k);
}

/**
 * @param {RingBuffer} ring
 * @param {number} first
 * @param {number} end
 * @param {number} limit
 */
function extremes(ring, first, end, limit) {
  const width = bucketWidth(ring.timeAt(end - 1) - ring.timeAt(first), limit / 2);
  /** @type {number[]} */
  const picked = [];
  for (let from = first; from < end; ) {
    const bucket = Math.floor(ring.timeAt(from) / width);
    let to = from + 1;
    while (to < end && Math.floor(ring.timeAt(to) / width) === bucket) to += 1;
    picked.push(...lowAndHigh(ring, from, to));
    from = to;
  }
  return picked;
}

/**
 * A power of two on a fixed grid of time, so that the picked points hold still while a trace grows.
 * @param {number} span
 * @param {number} buckets
 */
function bucketWidth(span, buckets) {
  return 2 ** Math.ceil(Math.log2(span / buckets));
}

/**
 * @param {RingBuffer} ring
 * @param {number} from
 * @param {number} to
 */
function lowAndHigh(ring, from, to) {
  let low = -1;
  let high = -1;
  for (let index = from; index < to; index++) {
    const value = ring.valueAt(index);
    if (Number.isNaN(value)) continue;
    if (low < 0 || value < ring.valueAt(low)) low = index;
    if (high < 0 || value > ring.valueAt(high)) high = index;
  }
  if (low < 0) return [from];
  return low === high ? [low] : [Math.min(low, high), Math.max(low, high)];
}

/** @param {number} value */
function orNull(value) {
  return Number.isNaN(value) ? null : value;
}
