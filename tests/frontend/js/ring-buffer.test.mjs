import assert from "node:assert/strict";
import { test } from "node:test";

import { RingBuffer } from "../../../frontend/static/frontend/js/lib/ring-buffer.js";

function filled(limit, count) {
  const ring = new RingBuffer(limit);
  for (let k = 0; k < count; k++) ring.push(k, k * k);
  return ring;
}

const times = (ring) => Array.from({ length: ring.length }, (_, k) => ring.timeAt(k));

test("keeps everything until it is full, then lets the oldest go", () => {
  assert.deepEqual(times(filled(5, 3)), [0, 1, 2]);
  assert.deepEqual(times(filled(5, 12)), [7, 8, 9, 10, 11]);
  assert.equal(filled(5, 12).valueAt(0), 49);
});

test("grows past its first size without losing a point", () => {
  const ring = filled(5000, 4000);
  assert.equal(ring.length, 4000);
  assert.deepEqual([ring.timeAt(0), ring.timeAt(3999), ring.valueAt(3999)], [0, 3999, 3999 ** 2]);
  for (let k = 4000; k < 9000; k++) ring.push(k, k);
  assert.deepEqual([ring.length, ring.timeAt(0), ring.timeAt(4999)], [5000, 4000, 8999]);
});

test("finds the first point at or after a time, also after it wrapped around", () => {
  const ring = filled(5, 12);
  assert.deepEqual([0, 7, 8.5, 11, 99].map((time) => ring.indexAt(time)), [0, 0, 2, 4, 5]);
});
