// A run's stored trace over REST: as many points per channel as a figure can show.

const POINTS = 2000; // what one trace of a figure may hold

/**
 * @typedef {object} StoredSeries
 * @property {number} trial
 * @property {string} name
 * @property {string} unit
 * @property {number} exp
 * @property {number[]} t_s trace time
 * @property {(number | null)[]} [value] of each row, in `unit`
 * @property {(number | null)[]} [low] of each bucket, where there are more rows than points
 * @property {(number | null)[]} [high]
 *
 * @typedef {object} History
 * @property {number} seq how far the answer goes in the run's stream
 * @property {StoredSeries[]} channels
 * @property {import("./run-trace.js").Trial[]} trials
 * @property {{trial: number, t_s: number, kind: string, data: Record<string, any>}[]} events
 */

/**
 * @param {string} path
 * @param {number} [start] [s of trace time]
 * @param {number} [end]
 * @returns {Promise<History>}
 */
export async function fetchHistory(path, start, end) {
  const question = new URLSearchParams({ points: String(POINTS) });
  if (start !== undefined) question.set("start", String(start));
  if (end !== undefined) question.set("end", String(end));
  const answer = await fetch(`${path}?${question}`, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return answer.json();
}
