// One binary websocket frame: a 32-byte envelope in front of the stored bytes of a block.

import { decodeBlock } from "./block.js";

const KIND_BLOCK = 1;
const VERSION = 1;
const ENVELOPE_BYTES = 32;
export const READ_BACK = 1; // flags bit 0
const DROPPED_BEFORE = 2; // flags bit 1

/**
 * @typedef {object} Frame
 * @property {number} seq place in the run's stream of blocks and events
 * @property {number} trial
 * @property {number} group
 * @property {number} i0 index of the first row in its group
 * @property {boolean} readBack it comes from the database, not from the live tail
 * @property {boolean} droppedBefore the server let go of frames before this one
 * @property {import("./block.js").Block} block
 */

/**
 * @param {ArrayBuffer} buffer
 * @returns {Frame}
 */
export function decodeFrame(buffer) {
  const view = new DataView(buffer);
  if (view.getUint8(0) !== KIND_BLOCK || view.getUint8(1) !== VERSION) {
    throw new Error(`not a block frame of version ${VERSION}`);
  }
  const flags = view.getUint32(4, true);
  return {
    group: view.getUint16(2, true),
    readBack: (flags & READ_BACK) !== 0,
    droppedBefore: (flags & DROPPED_BEFORE) !== 0,
    seq: Number(view.getBigUint64(8, true)),
    i0: Number(view.getBigUint64(16, true)),
    trial: Number(view.getBigUint64(24, true)),
    block: decodeBlock(new Uint8Array(buffer, ENVELOPE_BYTES)),
  };
}
