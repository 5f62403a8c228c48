// A run's live stream: reconnects by itself and asks again for what it missed.

import { decodeFrame, READ_BACK } from "./frame.js";

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;
// A refill that has not closed a hole by then never will: those blocks were sealed meanwhile.
const REFILL_MS = 15_000;
const NO_RETRY_CODES = [4401, 4403, 4404]; // not logged in, not allowed, no such run

/**
 * Events: `hello` and `event` (detail: the message), `frame` (detail: Frame), `link` (detail:
 * "connecting" | "live" | "refilling" | "away" | "refused").
 */
export class TraceSocket extends EventTarget {
  /** @type {WebSocket | undefined} */
  #socket;
  #retryMs = FIRST_RETRY_MS;
  #closed = false;
  #refillUntil = 0;

  /**
   * @param {string} path
   * @param {number} since newest place in the stream that is already known
   */
  constructor(path, since) {
    super();
    this.path = path;
    this.since = since;
  }

  open() {
    this.#say("connecting");
    const url = new URL(this.path, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    url.search = new URLSearchParams({ format: "block", since: String(this.since) }).toString();
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => socket === this.#socket && this.#receive(data));
    socket.addEventListener("close", ({ code }) => this.#retry(code));
    this.#socket = socket;
  }

  close() {
    this.#closed = true;
    this.#socket?.close();
  }

  /** Connect anew and start after `seq`. @param {number} seq */
  rewind(seq) {
    this.since = seq;
    this.#retryMs = 0;
    this.#socket?.close();
  }

  pause() {
    this.#send({ op: "pause" });
  }

  /** Go on after a pause; what was missed is sent first. */
  resume() {
    this.#send({ op: "resume" });
    this.#refill();
  }

  /** @param {string | ArrayBuffer} data */
  #receive(data) {
    if (data instanceof ArrayBuffer) {
      const frame = decodeFrame(data);
      if (this.#isNext(frame.seq, frame.readBack)) this.#emit("frame", frame);
      return;
    }
    const message = JSON.parse(data);
    if (message.ev === "hello") this.#welcome(message);
    else if (this.#isNext(message.seq, (message.flags & READ_BACK) !== 0)) this.#emit(message.ev, message);
  }

  /** @param {{seq: number}} hello */
  #welcome(hello) {
    this.#retryMs = FIRST_RETRY_MS;
    this.#emit("hello", hello);
    this.#say("live");
  }

  /**
   * Whether to use a message; a jump over others makes us ask for them first.
   * @param {number} seq
   * @param {boolean} mayJump it was read back from the store, which has nothing in between
   */
  #isNext(seq, mayJump) {
    if (seq <= this.since) return false;
    if (seq > this.since + 1 && !mayJump && !this.#refillIsOver()) return false;
    this.since = seq;
    if (this.#refillUntil) this.#say("live");
    this.#refillUntil = 0;
    return true;
  }

  #refillIsOver() {
    if (!this.#refillUntil) this.#refill();
    return performance.now() > this.#refillUntil;
  }

  #refill() {
    this.#refillUntil = performance.now() + REFILL_MS;
    this.#say("refilling");
    this.#send({ op: "since", seq: this.since });
  }

  /** @param {number} code */
  #retry(code) {
    if (this.#closed) return;
    if (NO_RETRY_CODES.includes(code)) return this.#say("refused");
    this.#say("away");
    setTimeout(() => this.#closed || this.open(), this.#retryMs);
    this.#retryMs = Math.min(LONGEST_RETRY_MS, Math.max(FIRST_RETRY_MS, this.#retryMs * 2));
  }

  /** @param {object} message */
  #send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** @param {string} state */
  #say(state) {
    this.#emit("link", state);
  }

  /**
   * @param {string} name
   * @param {unknown} detail
   */
  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
