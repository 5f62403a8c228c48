import assert from "node:assert/strict";
import { test } from "node:test";

import { clockText, ticksBetween } from "../../../frontend/static/frontend/js/lib/time-axis.js";

test("reads seconds as a stopwatch does", () => {
  const read = { 0: "0:00", 75.5: "1:15.5", "-90": "−1:30", 3720: "1:02:00", 59.96: "1:00" };
  for (const [seconds, text] of Object.entries(read)) assert.equal(clockText(Number(seconds)), text);
});

test("puts ticks on round minutes, no more than asked for", () => {
  assert.deepEqual(ticksBetween(-61, 1800, 8), [0, 300, 600, 900, 1200, 1500, 1800]);
  assert.deepEqual(ticksBetween(0.05, 0.42, 5), [0.1, 0.2, 0.30000000000000004, 0.4]);
  for (const span of [1, 10, 100, 1000, 10_000, 100_000]) {
    assert.ok(ticksBetween(0, span, 6).length <= 7);
  }
});
