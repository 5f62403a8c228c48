// The block format: all channels of a clock group for a stretch of rows, in one compressed string.

import { decompress } from "../../vendor/fzstd/fzstd.js";

const VERSION = 1;
const HEADER_BYTES = 8;
const WIDTHS = [1, 2, 4, 8]; // bytes per delta, in the order in which the planes are stored
const HAS_NULLS = 0x80;
const TWO_32 = 2 ** 32;

/**
 * @typedef {object} Block
 * @property {number} rows
 * @property {Float64Array[]} channels stored integers, exact below 2^53; channel 0 is the clock [µs]; a null is NaN
 */

/**
 * Decode one block. Throws when the bytes are not a block of a version that we know.
 * @param {Uint8Array} bytes
 * @returns {Block}
 */
export function decodeBlock(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES || view.getUint8(0) !== VERSION) {
    throw new Error(`not a block of version ${VERSION}`);
  }
  const count = view.getUint16(2, true);
  const rows = view.getUint32(4, true);
  const marks = bytes.subarray(HEADER_BYTES, HEADER_BYTES + count);
  const payload = decompress(bytes.subarray(HEADER_BYTES + 9 * count));
  const channels = Array.from(marks, (_, k) => {
    const values = new Float64Array(rows);
    values[0] = Number(view.getBigInt64(HEADER_BYTES + count + 8 * k, true));
    return values;
  });
  const end = addDeltas(payload, marks, channels, rows);
  blankNulls(payload.subarray(end), marks, channels, rows);
  return { rows, channels };
}

/**
 * Undo planes, zigzag and deltas; return where the planes end in the payload.
 * @param {Uint8Array} payload
 * @param {Uint8Array} marks
 * @param {Float64Array[]} channels
 * @param {number} rows
 */
function addDeltas(payload, marks, channels, rows) {
  const length = rows - 1;
  let at = 0;
  for (const width of WIDTHS) {
    for (let k = 0; k < marks.length; k++) {
      if ((marks[k] & ~HAS_NULLS) !== width) continue;
      addChannel(payload.subarray(at, at + width * length), width, channels[k]);
      at += width * length;
    }
  }
  return at;
}

/**
 * @param {Uint8Array} planes
 * @param {number} width
 * @param {Float64Array} values
 */
function addChannel(planes, width, values) {
  const length = values.length - 1;
  for (let j = 0; j < length; j++) {
    let low = 0;
    let high = 0;
    for (let b = Math.min(width, 4) - 1; b >= 0; b--) low = low * 256 + planes[b * length + j];
    for (let b = width - 1; b >= 4; b--) high = high * 256 + planes[b * length + j];
    const zigzag = high * TWO_32 + low;
    values[j + 1] = values[j] + (zigzag % 2 ? -(zigzag + 1) / 2 : zigzag / 2);
  }
}

/**
 * @param {Uint8Array} maps
 * @param {Uint8Array} marks
 * @param {Float64Array[]} channels
 * @param {number} rows
 */
function blankNulls(maps, marks, channels, rows) {
  let at = 0;
  for (let k = 0; k < marks.length; k++) {
    if (!(marks[k] & HAS_NULLS)) continue;
    for (let j = 0; j < rows; j++) {
      if (!((maps[at + (j >> 3)] >> (j & 7)) & 1)) channels[k][j] = NaN;
    }
    at += Math.ceil(rows / 8);
  }
}
