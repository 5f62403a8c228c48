// Where the readings of one run come from: its stored trace first, then its live stream.

import { RunTrace } from "./run-trace.js";
import { fetchHistory } from "./trace-history.js";
import { TraceSocket } from "./trace-socket.js";

/**
 * Says `news` when there is more to draw, and `link` as the stream does; a trace that cannot be
 * read is `away`.
 */
export class TraceFeed extends EventTarget {
  trace = new RunTrace();
  isLoaded = false;
  /** @type {TraceSocket | undefined} */
  #socket;
  #seq = 0;

  /**
   * @param {string} stored address of the stored trace
   * @param {string} stream address of the live stream
   * @param {(samples: number) => void} heard told how many samples each frame brought
   */
  constructor(stored, stream, heard) {
    super();
    this.stored = stored;
    this.stream = stream;
    this.heard = heard;
  }

  /** Whether more may come. */
  get isLive() {
    return this.#socket !== undefined;
  }

  /** Up to which place of the stream the trace goes. */
  get since() {
    return this.#socket?.since ?? this.#seq;
  }

  /** Read what is stored. */
  async load() {
    try {
      const history = await fetchHistory(this.stored);
      this.trace.addHistory(history);
      this.#seq = history.seq;
      this.#tell();
    } catch (error) {
      this.#link("away");
      console.warn("the stored trace could not be read", error);
    }
  }

  /** Listen from there on. */
  follow() {
    const socket = new TraceSocket(this.stream, this.#seq);
    const on = (/** @type {string} */ name, /** @type {(detail: any) => void} */ take) =>
      socket.addEventListener(name, (event) => take(/** @type {CustomEvent} */ (event).detail));
    on("hello", ({ trials }) => this.trace.declare(trials));
    on("frame", (frame) => this.#takeFrame(frame));
    on("event", (event) => this.#takeEvent(event));
    on("link", (state) => this.#link(state));
    socket.open();
    this.#socket = socket;
  }

  /** Nobody looks. */
  pause() {
    this.#socket?.pause();
  }

  /** Somebody looks again. */
  resume() {
    this.#socket?.resume();
  }

  close() {
    this.#socket?.close();
  }

  /** One stretch of time, as finely as the store has it. @param {[number, number]} range */
  async finer(range) {
    const zoomed = new RunTrace();
    zoomed.addHistory(await fetchHistory(this.stored, ...range));
    return zoomed;
  }

  /** @param {import("./run-trace.js").TraceEvent} event */
  #takeEvent(event) {
    if (event.kind === "trial") this.trace.declare([/** @type {any} */ (event.data)]);
    else this.trace.addEvent(event);
    this.dispatchEvent(new Event("news"));
  }

  /** @param {import("./frame.js").Frame} frame */
  #takeFrame(frame) {
    // Its declaration was missed: the next hello has it.
    if (!this.trace.trials.has(frame.trial)) return this.#socket?.rewind(frame.seq - 1);
    this.trace.addFrame(frame);
    this.heard(frame.block.rows * (frame.block.channels.length - 1));
    this.#tell();
  }

  #tell() {
    this.isLoaded = true;
    this.dispatchEvent(new Event("news"));
  }

  /** @param {string} state */
  #link(state) {
    this.dispatchEvent(new CustomEvent("link", { detail: state }));
  }
}
