import assert from "node:assert/strict";
import { test } from "node:test";

import { RingBuffer } from "../../../frontend/static/frontend/js/lib/ring-buffer.js";
import { thin } from "../../../frontend/static/frontend/js/lib/thin.js";

function ringOf(values, step = 0.1) {
  const ring = new RingBuffer(100_000);
  values.forEach((value, k) => ring.push(k * step, value));
  return ring;
}

test("leaves few points alone, and reaches one point beyond each edge", () => {
  const { times, values } = thin(ringOf([5, 6, 7, 8, 9], 1), 1.5, 2.5, 100);
  assert.deepEqual(times, [1, 2, 3]);
  assert.deepEqual(values, [6, 7, 8]);
});

test("keeps both values of the last bucket, which stand at one time", () => {
  const ring = new RingBuffer(100);
  for (const value of [1, 9]) ring.push(5, value);
  assert.deepEqual(thin(ring, 0, 5, 100).values, [1, 9]);
});

test("keeps the one spike among 50,000 readings", () => {
  const values = Array.from({ length: 50_000 }, (_, k) => (k === 31_337 ? 99 : Math.sin(k)));
  const picked = thin(ringOf(values), 0, 5000, 2000);
  assert.ok(picked.times.length <= 2000);
  const at = picked.values.indexOf(99);
  assert.ok(Math.abs(picked.times[at] - 3133.7) < 1e-6);
});

test("shows only readings that happened, at their own times", () => {
  const values = Array.from({ length: 9000 }, (_, k) => k % 17);
  const { times, values: shown } = thin(ringOf(values), 0, 900, 500);
  times.forEach((time, k) => assert.equal(shown[k], Math.round(time * 10) % 17));
});

test("goes forward in time", () => {
  const values = Array.from({ length: 9000 }, (_, k) => Math.cos(k / 3));
  const { times } = thin(ringOf(values), 0, 900, 500);
  assert.ok(times.every((time, k) => k === 0 || time > times[k - 1]));
});

test("holds its points still while the trace grows at its end", () => {
  const ring = ringOf(Array.from({ length: 9000 }, (_, k) => Math.sin(k)));
  const before = thin(ring, 0, 900, 500).times;
  for (let k = 9000; k < 9050; k++) ring.push(k * 0.1, Math.sin(k));
  const after = thin(ring, 0, 905, 500).times;
  assert.deepEqual(after.slice(0, before.length - 4), before.slice(0, -4));
});

test("keeps a gap a gap, and one missing reading out of the way", () => {
  const values = Array.from({ length: 8000 }, (_, k) => (k > 3000 && k < 5000) || k === 100 ? NaN : 1);
  const { times, values: shown } = thin(ringOf(values), 0, 800, 400);
  const missing = times.filter((_, k) => shown[k] === null);
  assert.ok(missing.length > 0);
  assert.ok(missing.every((time) => time > 300 && time < 500));
});
