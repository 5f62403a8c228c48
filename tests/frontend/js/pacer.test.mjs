import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Pacer } from "../../../frontend/static/frontend/js/lib/pacer.js";

const PERIOD_MS = 200;
let now;
let timers;
let runs;

/** Let time pass; due timers run at their own moments. */
function pass(ms) {
  const end = now + ms;
  for (;;) {
    const due = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
    if (!due) break;
    timers.splice(timers.indexOf(due), 1);
    now = Math.max(now, due.at);
    due.work();
  }
  now = end;
}

beforeEach((context) => {
  now = 1000;
  timers = [];
  runs = [];
  globalThis.window = { setTimeout: (work, ms) => timers.push({ at: now + ms, work }) };
  context.mock.method(performance, "now", () => now);
});

function pacerOf(costMs = 0) {
  return new Pacer(PERIOD_MS, () => {
    runs.push(now);
    now += costMs;
  });
}

test("does at once what is asked for once", () => {
  pacerOf().ask();
  pass(0);
  assert.deepEqual(runs, [1000]);
});

test("makes one of many wishes within a period", () => {
  const pacer = pacerOf();
  for (let k = 0; k < 100; k++) {
    pacer.ask();
    pass(10);
  }
  pass(PERIOD_MS);
  assert.equal(runs.length, 6);
  assert.ok(runs.every((at, k) => k === 0 || at - runs[k - 1] >= PERIOD_MS));
});

test("leaves three quarters of a slow machine to others", () => {
  const pacer = pacerOf(100);
  for (let k = 0; k < 200; k++) {
    pacer.ask();
    pass(10);
  }
  assert.ok(runs.every((at, k) => k === 0 || at - runs[k - 1] >= 400));
});

test("does nothing unseen, and what is owed when it is seen again", () => {
  const pacer = pacerOf();
  pacer.show(false);
  pacer.ask();
  pass(5000);
  assert.deepEqual(runs, []);
  pacer.show(true);
  pass(0);
  assert.equal(runs.length, 1);
});
