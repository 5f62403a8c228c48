import assert from "node:assert/strict";
import { test } from "node:test";

import { panelsOf, usualZones } from "../../../frontend/static/frontend/js/lib/panels.js";
import { RunTrace } from "../../../frontend/static/frontend/js/lib/run-trace.js";
import { throttledBands } from "../../../frontend/static/frontend/js/lib/throttling.js";

const channel = (ch, name, unit, exp) => ({ ch, name, unit, exp });
const TRIAL = {
  trial: 7,
  number: 1,
  groups: [
    {
      g: 0,
      name: "fast",
      period_us: 100_000,
      channels: [channel(1, "zone.skin.temperature", "°C", -3), channel(2, "cpu.big.frequency_cap", "Hz", 3)],
    },
  ],
};

function frame(...channels) {
  const block = { rows: channels[0].length, channels: channels.map((values) => Float64Array.from(values)) };
  return { seq: 1, trial: 7, group: 0, i0: 0, readBack: false, droppedBefore: false, block };
}

function traced(...channels) {
  const trace = new RunTrace();
  trace.declare([TRIAL]);
  trace.addEvent({ t: 0, kind: "started", trial: 7 });
  trace.addFrame(frame(...channels));
  return trace;
}

const values = ({ ring }) => Array.from({ length: ring.length }, (_, k) => ring.valueAt(k));

test("applies each channel's exponent to stored integers; a null stays none", () => {
  const { series } = traced([0, 100_000], [41_530, NaN], [2_860_000, 1_800_000]);
  assert.deepEqual(values(series.get("zone.skin.temperature")), [41.53, NaN]);
  assert.deepEqual(values(series.get("cpu.big.frequency_cap")), [2.86e9, 1.8e9]);
  assert.equal(series.get("zone.skin.temperature").ring.timeAt(1), 0.1);
});

test("goes on with live frames where the stored trace ends", () => {
  const trace = new RunTrace();
  const stored = { ...channel(1, "zone.skin.temperature", "°C", -3), trial: 7, t_s: [0, 1], low: [30, 31], high: [32, null] };
  trace.addHistory({ seq: 9, trials: [TRIAL], events: [], channels: [stored] });
  trace.addFrame(frame([2_000_000], [33_000], [1]));
  assert.deepEqual(values(trace.series.get("zone.skin.temperature")), [30, 32, 31, NaN, 33]);
  assert.equal(trace.newest, 2);
});

test("takes the start of the load from the measured trial, not from the settling", () => {
  const trace = new RunTrace();
  trace.declare([TRIAL, { trial: 6, number: 0, groups: [] }]);
  trace.addEvent({ t: 1_000_000, kind: "started", trial: 6 });
  assert.equal(trace.soakStart, undefined);
  trace.addEvent({ t: 61_000_000, kind: "started", trial: 7 });
  assert.equal(trace.soakStart, 61);
});

test("shades from the first capped reading to the first free one", () => {
  const times = [0, 1, 2, 3, 4, 5].map((s) => s * 1e6);
  const { series, soakStart, newest } = traced(times, times, [9, 9, 5, NaN, 9, 7]);
  assert.deepEqual(throttledBands(series.values(), soakStart, newest), [
    { from: 2, to: 4 },
    { from: 5, to: 5 },
  ]);
});

test("does not call a cap that predates the load throttling", () => {
  const times = [0, 1, 2].map((s) => s * 1e6);
  const { series, soakStart, newest } = traced(times, times, [5, 5, 5]);
  assert.deepEqual(throttledBands(series.values(), soakStart, newest), []);
});

test("shows one zone of each place and never more than ten traces", () => {
  const trace = new RunTrace();
  const zones = ["cpu0", "cpu7", "skin", "Battery", "gpu", "mem", "modem"].map((zone, k) =>
    channel(k + 1, `zone.${zone}.temperature`, "°C", 0));
  const cpus = ["a", "b", "c", "d", "e"].map((cpu, k) => channel(k + 8, `cpu.${cpu}.frequency`, "Hz", 0));
  const rest = [channel(13, "inference.latency", "s", 0), channel(14, "system.power", "W", 0), channel(15, "rail.x.power", "W", 0)];
  trace.declare([{ ...TRIAL, groups: [{ g: 0, name: "fast", period_us: 1, channels: [...zones, ...cpus, ...rest] }] }]);
  trace.addFrame(frame([0], [50], [60], [40], [30], [45], [70], [20], [1], [1], [1], [1], [1], [1], [1], [1]));
  const chosen = usualZones(trace.series.values());
  assert.deepEqual(chosen.map((name) => name.split(".")[1]), ["cpu7", "skin", "Battery", "gpu"]);
  const panels = panelsOf(trace.series.values(), chosen);
  assert.equal(panels.flatMap(({ lines }) => lines).length, 10);
});

test("shows the memory's clock beside those of the cores", () => {
  const trace = new RunTrace();
  const channels = [channel(1, "cpu.big.frequency", "Hz", 0), channel(2, "memory.frequency", "Hz", 0)];
  trace.declare([{ ...TRIAL, groups: [{ g: 0, name: "fast", period_us: 1, channels }] }]);
  trace.addFrame(frame([0], [2e9], [3e9]));
  const [, clocks] = panelsOf(trace.series.values(), []);
  assert.deepEqual(clocks.lines.map(({ label }) => label), ["big", "memory"]);
});
