// What the figure shows of a run beside its lines: phases, shifts, throttled stretches, time zero.

import { throttledBands } from "./throttling.js";

/**
 * @param {import("./run-trace.js").RunTrace} trace
 * @param {[number, number][] | null} spans throttled, from the analysis [s since the load started]
 */
export function sceneryOf(trace, spans) {
  const zero = trace.soakStart ?? 0;
  const analyzed = spans?.map(([from, to]) => ({ from: from + zero, to: to + zero }));
  return {
    zero,
    bands: analyzed ?? throttledBands(trace.series.values(), trace.soakStart, trace.newest),
    marks: marksOf(trace),
  };
}

const MAX_SHIFTS = 60; // more lines than that are a wash, and slow to draw
const US_PER_S = 1_000_000;

/** @param {import("./run-trace.js").RunTrace} trace */
function marksOf({ oldest, soakStart, soakEnd, events }) {
  // Events come before the first row does: until then nothing is known to have begun.
  const isSettling = Number.isFinite(oldest) && soakStart !== oldest;
  const marks = isSettling ? [{ at: oldest, label: "settling" }] : [];
  if (soakStart !== undefined) marks.push({ at: soakStart, label: "soak" });
  marks.push(...shiftsOf(events).slice(-MAX_SHIFTS));
  marks.push(...splitsOf(events).slice(-MAX_SHIFTS));
  if (soakEnd !== undefined) marks.push({ at: soakEnd, label: "load off" });
  return marks;
}

/**
 * The moments from which another variant ran; a lane's first variant is no shift.
 * @param {import("./run-trace.js").TraceEvent[]} events
 */
function shiftsOf(events) {
  /** @type {Map<number, string>} */
  const running = new Map();
  return events
    .filter(({ kind, data }) => kind === "applied" && data?.model)
    .filter(({ data }) => {
      const before = running.get(data?.lane ?? 0);
      running.set(data?.lane ?? 0, data?.model);
      return before !== undefined && before !== data?.model;
    })
    .map(({ t, data }) => ({ at: t / US_PER_S, label: data?.model }));
}

/**
 * The moments from which the work was divided otherwise; the start is no change.
 * @param {import("./run-trace.js").TraceEvent[]} events
 */
function splitsOf(events) {
  let before = "";
  return events
    .filter(({ kind, data }) => kind === "applied" && typeof data?.cut === "string")
    .map(({ t, data }) => ({ at: t / US_PER_S, label: data?.back || data?.cut || "" }))
    .filter(({ label }) => {
      const changed = label !== before;
      before = label;
      return changed;
    })
    .map(({ at, label }) => ({ at, label: label || "local" }));
}
