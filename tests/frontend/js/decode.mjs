// Reads blocks in base64, one a line, and writes what is in them as JSON, one a line.

import { readFileSync } from "node:fs";

import { decodeBlock } from "../../../frontend/static/frontend/js/lib/block.js";

for (const line of readFileSync(0, "utf8").trim().split("\n")) {
  const { channels } = decodeBlock(Uint8Array.from(Buffer.from(line, "base64")));
  process.stdout.write(JSON.stringify(channels.map((values) => [...values])) + "\n");
}
