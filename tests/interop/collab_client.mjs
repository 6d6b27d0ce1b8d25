// Stock yjs + y-websocket clients against a running server. Reads commands as JSON lines on stdin,
// answers each with one JSON line: a test drives several people from Python.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";

const require = createRequire(new URL("../../editor-web/package.json", import.meta.url));
const Y = require("yjs");
const decoding = require("lib0/decoding");
const { WebsocketProvider } = require("y-websocket");

const people = new Map();

const open = ({ name, server, project, token, ack, bc = false, state = null }) => {
  const doc = people.get(name)?.doc ?? new Y.Doc();
  const provider = new WebsocketProvider(server, project, doc, {
    params: { token, ...(ack ? { ack: "1" } : {}) },
    disableBc: !bc,
    maxBackoffTime: 300,
  });
  const closes = [];
  const person = { doc, provider, closes, saved: false };
  provider.messageHandlers[64] = (_encoder, decoder) => {
    const durable = Y.decodeStateVector(decoding.readVarUint8Array(decoder));
    const own = Y.decodeStateVector(Y.encodeStateVector(doc));
    if ([...own].every(([id, clock]) => (durable.get(id) ?? 0) >= clock)) person.saved = true;
  };
  doc.on("update", (_update, origin) => {
    if (origin !== provider) person.saved = false;
  });
  provider.on("connection-close", (event) => closes.push(event?.code ?? null));
  provider.awareness.setLocalState(state);
  people.set(name, person);
};

const until = async (holds, milliseconds) => {
  const end = Date.now() + milliseconds;
  while (!holds()) {
    if (Date.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return true;
};

const roots = ["meta", "sequences", "tracks", "clips", "transitions", "effects", "markers", "cues", "variables"];
const json = (doc) => Object.fromEntries(roots.map((root) => [root, doc.getMap(root).toJSON()]));

const random = (seed) => () => {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return seed / 2147483648;
};

const edit = (doc, next, name) => {
  const clips = doc.getMap("clips");
  const ids = [...clips.keys()];
  doc.transact(() => {
    if (ids.length < 5 || next() < 0.2) {
      const clip = new Y.Map();
      clips.set(`c_${name}_${Math.floor(next() * 1e9)}`, clip);
      for (let key = 0; key < 12; key++) clip.set(`k${key}`, Math.floor(next() * 1e12));
      return;
    }
    const clip = clips.get(ids[Math.floor(next() * ids.length)]);
    clip.set("start", Math.floor(next() * 2 ** 50));
    clip.set("track", `t${Math.floor(next() * 4)}`);
    clip.set("by", name);
  }, "test");
};

const commands = {
  open: async (args) => open(args),
  synced: async ({ name, within = 5000 }) => until(() => people.get(name).provider.synced, within),
  set: async ({ name, map, id, key, value }) => {
    const { doc } = people.get(name);
    const records = doc.getMap(map);
    doc.transact(() => {
      if (id === undefined) return records.set(key, value);
      if (!records.has(id)) records.set(id, new Y.Map());
      records.get(id).set(key, value);
    });
  },
  edits: async ({ name, count, seed, pause = 0 }) => {
    const next = random(seed);
    for (let n = 0; n < count; n++) {
      edit(people.get(name).doc, next, name);
      if (pause) await new Promise((resolve) => setTimeout(resolve, pause));
    }
  },
  durable: async ({ name, within = 5000 }) => until(() => people.get(name).saved, within),
  json: async ({ name }) => json(people.get(name).doc),
  equal: async ({ names, within = 5000 }) => {
    const text = (name) => JSON.stringify(json(people.get(name).doc), (_key, value) =>
      value !== null && typeof value === "object" && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
        : value);
    return until(() => new Set(names.map(text)).size === 1, within);
  },
  state: async ({ name, value }) => people.get(name).provider.awareness.setLocalState(value),
  states: async ({ name }) => [...people.get(name).provider.awareness.getStates().values()],
  sees: async ({ name, count, within = 5000 }) =>
    until(() => people.get(name).provider.awareness.getStates().size === count, within),
  closes: async ({ name }) => people.get(name).closes,
  closed: async ({ name, code, within = 5000 }) => until(() => people.get(name).closes.includes(code), within),
  disconnect: async ({ name }) => people.get(name).provider.disconnect(),
  connect: async ({ name }) => people.get(name).provider.connect(),
  clientId: async ({ name }) => people.get(name).doc.clientID,
};

for await (const line of createInterface({ input: process.stdin })) {
  const { do: command, ...args } = JSON.parse(line);
  try {
    process.stdout.write(`${JSON.stringify({ ok: (await commands[command](args)) ?? null })}\n`);
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ error: String(error?.stack ?? error) })}\n`);
  }
}
process.exit(0);
