// Hocuspocus as its documentation has it, without a store: node hocuspocus.mjs PORT SEED
import { readFileSync } from "node:fs";
import { Server } from "@hocuspocus/server";
import * as Y from "yjs";

const [port, seed] = process.argv.slice(2);
const update = readFileSync(seed);

const server = new Server({
  port: Number(port),
  address: "127.0.0.1",
  quiet: true,
  stopOnSignals: true,
  async onAuthenticate({ token }) {
    if (token !== "token") throw new Error("not allowed");
  },
  async onLoadDocument({ document }) {
    Y.applyUpdate(document, update);
  },
});
await server.listen();
console.log("ready");
