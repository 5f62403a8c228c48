import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { decodeBlock } from "../../../frontend/static/frontend/js/lib/block.js";
import { decodeFrame } from "../../../frontend/static/frontend/js/lib/frame.js";

const GOLDEN = new URL("../../golden/blocks/", import.meta.url);
const names = readdirSync(GOLDEN)
  .filter((name) => name.endsWith(".bin"))
  .map((name) => name.replace(".bin", ""));

const read = (name) => new Uint8Array(readFileSync(new URL(`${name}.bin`, GOLDEN)));
const plain = ({ channels }) => channels.map((values) => Array.from(values, (v) => (Number.isNaN(v) ? null : v)));

test("there are golden blocks to read", () => assert.ok(names.length >= 4));

for (const name of names) {
  test(`reads the golden block ${name} to the last value`, () => {
    const expected = JSON.parse(readFileSync(new URL(`${name}.json`, GOLDEN), "utf8"));
    assert.deepEqual(plain(decodeBlock(read(name))), expected);
  });
}

test("refuses a version that it does not know", () => {
  const bytes = read("reference");
  bytes[0] = 2;
  assert.throws(() => decodeBlock(bytes), /version 1/);
});

test("reads a block out of the middle of a frame", () => {
  const block = read("reference");
  const buffer = new ArrayBuffer(32 + block.length);
  const view = new DataView(buffer);
  view.setUint8(0, 1);
  view.setUint8(1, 1);
  view.setUint16(2, 2, true);
  view.setUint32(4, 0b11, true);
  view.setBigUint64(8, 812n, true);
  view.setBigUint64(16, 40_600n, true);
  view.setBigUint64(24, 77n, true);
  new Uint8Array(buffer).set(block, 32);
  const { block: decoded, ...envelope } = decodeFrame(buffer);
  assert.deepEqual(envelope, { group: 2, readBack: true, droppedBefore: true, seq: 812, i0: 40_600, trial: 77 });
  assert.equal(decoded.rows, 5);
});
