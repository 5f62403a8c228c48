import assert from "node:assert/strict";
import { test } from "node:test";

import { RunTrace } from "../../../frontend/static/frontend/js/lib/run-trace.js";
import { sceneryOf } from "../../../frontend/static/frontend/js/lib/scene.js";

const marksOf = (trace) => sceneryOf(trace, null).marks;

test("before the first row nothing is marked, and then the settling is", () => {
  const trace = new RunTrace();
  trace.addEvent({ kind: "baseline", t: 5_000_000, data: {} });
  assert.deepEqual(marksOf(trace), []);
  const row = { name: "a", unit: "s", exp: 0, t_s: [3], value: [1] };
  trace.addHistory({ trials: [], channels: [row], events: [] });
  assert.deepEqual(marksOf(trace), [{ at: 3, label: "settling" }]);
});

test("a load ends with the last of its lanes, however often one of them rests", () => {
  const trace = new RunTrace();
  const tell = (kind, seconds, lane) => trace.addEvent({ kind, t: seconds * 1_000_000, data: { lane } });
  tell("started", 1, 7);
  tell("idle", 2, 7);
  tell("started", 3, 0);
  tell("started", 4, 1);
  tell("idle", 5, 1);
  assert.deepEqual(marksOf(trace).map(({ label }) => label), ["soak"]);
  tell("idle", 6, 0);
  assert.deepEqual(marksOf(trace).at(-1), { at: 6, label: "load off" });
});

test("every mark has a moment, whatever came first", () => {
  const trace = new RunTrace();
  trace.addEvent({ kind: "started", t: 8_000_000, data: { lane: 0 } });
  const ats = marksOf(trace).map(({ at }) => at);
  assert.deepEqual(ats, [8]);
});
