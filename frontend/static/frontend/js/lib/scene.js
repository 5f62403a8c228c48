// What the figure shows of a run beside its lines: phases, throttled stretches, the zero of time.

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

/** @param {import("./run-trace.js").RunTrace} trace */
function marksOf({ oldest, soakStart, soakEnd }) {
  const marks = soakStart === oldest ? [] : [{ at: oldest, label: "settling" }];
  if (soakStart !== undefined) marks.push({ at: soakStart, label: "soak" });
  if (soakEnd !== undefined) marks.push({ at: soakEnd, label: "load off" });
  return marks;
}
