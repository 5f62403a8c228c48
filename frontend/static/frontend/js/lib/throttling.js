// Stretches in which the kernel holds a cluster below its limit at the start, seen as they happen.

/**
 * A live stand-in for the analysis' detector: its rule T1 alone.
 * @param {Iterable<import("./run-trace.js").Series>} all
 * @param {number | undefined} soakStart [s]
 * @param {number} newest [s]
 * @returns {import("./plot.js").Band[]}
 */
export function throttledBands(all, soakStart, newest) {
  if (soakStart === undefined) return [];
  const caps = [...all].filter(({ name }) => /^cpu\..+\.frequency_cap$/.test(name));
  return merged(caps.flatMap(({ ring }) => below(ring, soakStart, newest)));
}

/**
 * @param {import("./ring-buffer.js").RingBuffer} ring
 * @param {number} start
 * @param {number} newest
 */
function below(ring, start, newest) {
  /** @type {import("./plot.js").Band[]} */
  const bands = [];
  let limit = NaN;
  let from = NaN;
  for (let index = ring.indexAt(start); index < ring.length; index++) {
    const value = ring.valueAt(index);
    if (Number.isNaN(value)) continue;
    if (Number.isNaN(limit)) limit = value;
    if (value < limit && Number.isNaN(from)) from = ring.timeAt(index);
    if (value >= limit && !Number.isNaN(from)) {
      bands.push({ from, to: ring.timeAt(index) });
      from = NaN;
    }
  }
  if (!Number.isNaN(from)) bands.push({ from, to: newest });
  return bands;
}

/** @param {import("./plot.js").Band[]} bands */
function merged(bands) {
  /** @type {import("./plot.js").Band[]} */
  const result = [];
  for (const band of bands.sort((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last && band.from <= last.to) last.to = Math.max(last.to, band.to);
    else result.push({ ...band });
  }
  return result;
}
