// The server that comes with y-websocket 2: node y-websocket.mjs PORT SEED
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { WebSocketServer } = require("ws");
const Y = require("yjs");
const { setPersistence, setupWSConnection } = require("y-websocket/bin/utils");

const [port, seed] = process.argv.slice(2);
const update = readFileSync(seed);
setPersistence({
  bindState: async (_name, document) => Y.applyUpdate(document, update),
  writeState: async () => {},
});

const sockets = new WebSocketServer({ noServer: true });
sockets.on("connection", setupWSConnection);
const server = createServer();
server.on("upgrade", (request, socket, head) => {
  sockets.handleUpgrade(request, socket, head, (upgraded) => sockets.emit("connection", upgraded, request));
});
server.listen(Number(port), "127.0.0.1", () => console.log("ready"));
