import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, test } from "node:test";

import { TraceSocket } from "../../../frontend/static/frontend/js/lib/trace-socket.js";

const BLOCK = readFileSync(new URL("../../golden/blocks/one_row.bin", import.meta.url));

/** The browser's end of a connection, with the server's hand on it. */
class Wire extends EventTarget {
  static OPEN = 1;
  static all = [];
  readyState = 1;
  sent = [];

  constructor(url) {
    super();
    this.url = new URL(url);
    Wire.all.push(this);
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close(code = 1005) {
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }

  say(message) {
    this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(message) }));
  }

  frame(seq, flags = 0) {
    const buffer = new ArrayBuffer(32 + BLOCK.length);
    const view = new DataView(buffer);
    view.setUint8(0, 1);
    view.setUint8(1, 1);
    view.setUint32(4, flags, true);
    view.setBigUint64(8, BigInt(seq), true);
    new Uint8Array(buffer).set(BLOCK, 32);
    this.dispatchEvent(Object.assign(new Event("message"), { data: buffer }));
  }
}

let socket;
let frames;
let links;

beforeEach(() => {
  Object.assign(globalThis, { WebSocket: Wire, location: { href: "http://farm/runs/5/" } });
  Wire.all = [];
  frames = [];
  links = [];
  socket = new TraceSocket("/ws/runs/5/", 40);
  socket.addEventListener("frame", ({ detail }) => frames.push(detail.seq));
  socket.addEventListener("link", ({ detail }) => links.push(detail));
  socket.open();
});

test("asks for blocks from where the page's knowledge ends", () => {
  assert.equal(Wire.all[0].url.href, "ws://farm/ws/runs/5/?format=block&since=40");
});

test("passes each place of the stream on once and in order", () => {
  const [wire] = Wire.all;
  wire.say({ ev: "hello", seq: 41, trials: [] });
  for (const seq of [41, 41, 42, 40, 43]) wire.frame(seq);
  assert.deepEqual(frames, [41, 42, 43]);
  assert.equal(socket.since, 43);
});

test("asks again at a hole and draws nothing out of order meanwhile", () => {
  const [wire] = Wire.all;
  wire.frame(41);
  wire.frame(45, 0b10);
  wire.frame(46);
  assert.deepEqual(wire.sent, [{ op: "since", seq: 41 }]);
  assert.deepEqual(frames, [41]);
  assert.equal(links.at(-1), "refilling");
  for (const seq of [42, 43, 44, 45, 46]) wire.frame(seq, 0b01);
  wire.frame(47);
  assert.deepEqual(frames, [41, 42, 43, 44, 45, 46, 47]);
  assert.equal(links.at(-1), "live");
});

test("draws nothing out of order because an event comes before the answer", () => {
  const [wire] = Wire.all;
  wire.frame(41);
  wire.frame(44, 0b10);
  wire.say({ ev: "event", seq: 45, t: 0, kind: "trip", data: {} });
  for (const seq of [42, 43, 44]) wire.frame(seq, 0b01);
  wire.say({ ev: "event", seq: 45, t: 0, kind: "trip", data: {}, flags: 0b01 });
  wire.frame(46);
  assert.deepEqual(frames, [41, 42, 43, 44, 46]);
  assert.deepEqual(wire.sent, [{ op: "since", seq: 41 }]);
});

test("asks again when an event comes after what was lost", () => {
  const [wire] = Wire.all;
  wire.frame(41);
  wire.say({ ev: "event", seq: 43, t: 0, kind: "trip", data: {} });
  assert.deepEqual(wire.sent, [{ op: "since", seq: 41 }]);
  for (const seq of [42, 43]) wire.frame(seq, 0b01);
  assert.deepEqual(frames, [41, 42, 43]);
});

test("jumps over numbers that the store no longer has", () => {
  const [wire] = Wire.all;
  wire.frame(60, 0b01);
  assert.deepEqual(frames, [60]);
});

test("counts events in the same stream", () => {
  const [wire] = Wire.all;
  wire.say({ ev: "event", seq: 41, t: 0, kind: "started", data: {} });
  wire.frame(42);
  assert.deepEqual(frames, [42]);
  assert.deepEqual(wire.sent, []);
});

test("comes back by itself, from the last thing it saw", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  Wire.all[0].frame(41);
  Wire.all[0].close(1006);
  assert.equal(links.at(-1), "away");
  context.mock.timers.tick(500);
  assert.equal(Wire.all.length, 2);
  assert.equal(Wire.all[1].url.searchParams.get("since"), "41");
});

test("does not insist where it is not allowed", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  Wire.all[0].close(4403);
  context.mock.timers.tick(60_000);
  assert.equal(Wire.all.length, 1);
  assert.equal(links.at(-1), "refused");
});

test("fills up after it was hidden", () => {
  const [wire] = Wire.all;
  socket.pause();
  socket.resume();
  assert.deepEqual(wire.sent, [{ op: "pause" }, { op: "resume" }, { op: "since", seq: 40 }]);
});
