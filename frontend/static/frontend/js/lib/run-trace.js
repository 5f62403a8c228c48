// What a page knows of a run's trace: one ring of points per channel, its events and phases.

import { RingBuffer } from "./ring-buffer.js";

const POINTS_PER_CHANNEL = 131_072; // an hour at 20× with 36 rows per second of device time
const US_PER_S = 1_000_000;

/**
 * @typedef {{name: string, unit: string, exp: number}} Signal
 *
 * @typedef {Signal & {ch: number}} Channel
 *
 * @typedef {object} Trial
 * @property {number} trial
 * @property {number} number 0 is the settling
 * @property {number} [attempt]
 * @property {{g: number, name: string, period_us: number | null, channels: Channel[]}[]} groups
 *
 * @typedef {object} TraceEvent
 * @property {number} t [µs of trace time]
 * @property {string} kind
 * @property {number} [trial]
 * @property {Record<string, any>} [data]
 */

/** One channel's points: trace time [s], value in the channel's SI unit. */
export class Series {
  ring = new RingBuffer(POINTS_PER_CHANNEL);

  /** @param {Signal} signal */
  constructor({ name, unit, exp }) {
    this.name = name;
    this.unit = unit;
    this.exp = exp;
  }

  /**
   * The value of a stored integer in the channel's unit.
   * @param {number} raw
   */
  si(raw) {
    // Dividing by a power of ten rounds once; multiplying by its inverse would round twice.
    return this.exp >= 0 ? raw * 10 ** this.exp : raw / 10 ** -this.exp;
  }

  get last() {
    return this.ring.length ? this.ring.valueAt(this.ring.length - 1) : NaN;
  }
}

export class RunTrace {
  /** @type {Map<string, Series>} */
  series = new Map();
  /** @type {Map<number, Trial>} */
  trials = new Map();
  /** @type {TraceEvent[]} */
  events = [];
  oldest = Infinity; // [s of trace time]
  newest = 0;

  /** @param {Trial[]} trials */
  declare(trials) {
    for (const trial of trials) {
      this.trials.set(trial.trial, trial);
      for (const group of trial.groups) for (const channel of group.channels) this.#of(channel);
    }
  }

  /** @param {import("./trace-history.js").History} history */
  addHistory({ trials, channels, events }) {
    this.declare(trials);
    for (const stored of channels) {
      const { ring } = this.#of(stored);
      stored.t_s.forEach((time, k) => {
        for (const values of [stored.value, stored.low, stored.high]) {
          if (values) ring.push(time, values[k] ?? NaN);
        }
      });
      this.#reach(stored.t_s[0]);
      this.#reach(stored.t_s.at(-1));
    }
    for (const { t_s, ...event } of events) this.addEvent({ ...event, t: t_s * US_PER_S });
  }

  /** @param {import("./frame.js").Frame} frame */
  addFrame({ trial, group, block }) {
    const found = this.trials.get(trial)?.groups.find(({ g }) => g === group);
    if (!found) return;
    const [times, ...rows] = block.channels;
    for (const channel of found.channels) {
      const series = this.#of(channel);
      const values = rows[channel.ch - 1];
      for (let j = 0; j < block.rows; j++) series.ring.push(times[j] / US_PER_S, series.si(values[j]));
    }
    this.#reach(times[0] / US_PER_S);
    this.#reach(times[block.rows - 1] / US_PER_S);
  }

  /** @param {TraceEvent} event */
  addEvent(event) {
    this.events.push(event);
  }

  /** When the load of the measured trial started [s of trace time]; undefined before. */
  get soakStart() {
    return this.#timeOf("started");
  }

  /** When that load ended [s of trace time]; undefined while a lane runs. */
  get soakEnd() {
    /** @type {Set<number>} */
    const running = new Set();
    let end;
    for (const { kind, t, data } of this.events.filter((one) => this.#isMeasured(one))) {
      if (kind === "started") running.add(data?.lane ?? 0);
      if (kind !== "idle") continue;
      running.delete(data?.lane ?? 0);
      end = t / US_PER_S;
    }
    return running.size ? undefined : end;
  }

  /** @param {string} kind */
  #timeOf(kind) {
    const event = this.events.find((one) => one.kind === kind && this.#isMeasured(one));
    return event && event.t / US_PER_S;
  }

  /** @param {TraceEvent} event */
  #isMeasured({ trial }) {
    return trial === undefined || (this.trials.get(trial)?.number ?? 1) > 0;
  }

  /** @param {Signal} signal */
  #of(signal) {
    let series = this.series.get(signal.name);
    if (!series) this.series.set(signal.name, (series = new Series(signal)));
    return series;
  }

  /** @param {number | undefined} time */
  #reach(time) {
    if (time === undefined) return;
    this.oldest = Math.min(this.oldest, time);
    this.newest = Math.max(this.newest, time);
  }
}
