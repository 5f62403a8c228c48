// The recent readings of one value with their times, kept while cards come and go.

const KEPT = 240; // points; beyond that every second one of the past is let go
const IDLE_WINDOW_S = 180; // without a run only the last minutes are of interest

/** @typedef {{at: number, value: number}} Reading `at` in seconds on this computer's clock */

/** @type {Map<string, Reading[]>} */
const histories = new Map();

/** @param {string} key */
export function readingsOf(key) {
  return histories.get(key) ?? [];
}

/**
 * @param {string} key
 * @param {Reading} reading
 * @param {boolean} isWholeRun keep everything, coarser and coarser, instead of the last minutes
 */
export function remember(key, reading, isWholeRun) {
  let readings = [...readingsOf(key), reading];
  if (!isWholeRun) readings = readings.filter(({ at }) => at > reading.at - IDLE_WINDOW_S);
  if (readings.length > KEPT) readings = readings.filter((_, k) => k % 2 === readings.length % 2);
  histories.set(key, readings);
}

/**
 * @param {string} key
 * @param {Reading[]} readings
 */
export function replace(key, readings) {
  histories.set(key, readings);
}
