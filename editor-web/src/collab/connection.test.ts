import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import * as syncProtocol from "y-protocols/sync";
import * as Y from "yjs";
import { Connection, retryWait, type SocketLike } from "./connection";
import { Presence } from "./presence";

class FakeSocket implements SocketLike {
  binaryType = "";
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  onclose: ((event: { readonly code: number }) => void) | null = null;
  onerror: (() => void) | null = null;
  readonly sent: Uint8Array[] = [];
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  send(bytes: Uint8Array): void {
    this.sent.push(bytes);
  }

  close(): void {
    this.readyState = 3;
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  receive(type: number, write: (encoder: encoding.Encoder) => void): void {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, type);
    write(encoder);
    this.onmessage?.({ data: encoding.toUint8Array(encoder).slice().buffer });
  }

  fail(code: number): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

const typesOf = (socket: FakeSocket): readonly number[] =>
  socket.sent.map((bytes) => decoding.readVarUint(decoding.createDecoder(bytes)));

const stand = (tabs: string | null = null, renewed = () => Promise.resolve(false)) => {
  const doc = new Y.Doc();
  const presence = new Presence(doc, { id: "u1", name: "Asha" });
  const sockets: FakeSocket[] = [];
  const acks: ReadonlyMap<number, number>[] = [];
  const connection = new Connection({
    doc,
    presence,
    url: "ws://host/collab/p1",
    onAck: (vector) => acks.push(vector),
    openSocket: (url) => {
      const socket = new FakeSocket(url);
      sockets.push(socket);
      return socket;
    },
    random: () => 1,
    renewed,
    tabs,
  });
  const last = (): FakeSocket => sockets.at(-1) as FakeSocket;
  return { doc, presence, connection, sockets, acks, last };
};

const step2 = (socket: FakeSocket, doc: Y.Doc): void =>
  socket.receive(0, (encoder) => syncProtocol.writeSyncStep2(encoder, doc));

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

it("editor-C1: it asks for acks, syncs, and hands acks on", () => {
  const { connection, sockets, acks, last } = stand();
  expect(sockets[0]?.url).toBe("ws://host/collab/p1?ack=1");
  last().open();
  expect(typesOf(last())).toEqual([0, 1]);
  const server = new Y.Doc();
  server.getMap("meta").set("name", "Film");
  step2(last(), server);
  expect(connection.state.get()).toMatchObject({ kind: "connected", synced: true });
  const vector = Y.encodeStateVector(server);
  last().receive(64, (encoder) => encoding.writeVarUint8Array(encoder, vector));
  expect(acks).toEqual([new Map([[server.clientID, 1]])]);
  connection.destroy();
});

it("editor-C1: it sends own edits once, not what came from the server, and only its own presence", () => {
  const { doc, connection, last } = stand();
  last().open();
  last().sent.length = 0;
  doc.getMap("meta").set("name", "Mine");
  expect(typesOf(last())).toEqual([0]);
  const server = new Y.Doc();
  server.getMap("meta").set("other", 1);
  step2(last(), server);
  const stranger = new Presence(new Y.Doc(), { id: "u2", name: "Bea" });
  last().receive(1, (encoder) => encoding.writeVarUint8Array(encoder, stranger.encoded()));
  expect(typesOf(last())).toEqual([0]);
  stranger.destroy();
  connection.destroy();
});

it("editor-C1: a lost line is tried again with growing waits, a final code ends it", () => {
  const { connection, sockets, last } = stand();
  last().open();
  last().fail(1006);
  expect(connection.state.get()).toMatchObject({ kind: "connecting", attempts: 1 });
  vi.advanceTimersByTime(499);
  expect(sockets.length).toBe(1);
  vi.advanceTimersByTime(1);
  expect(sockets.length).toBe(2);
  last().fail(1013);
  vi.advanceTimersByTime(1000);
  expect(sockets.length).toBe(3);
  last().fail(4403);
  vi.advanceTimersByTime(60_000);
  expect(sockets.length).toBe(3);
  expect(connection.state.get()).toEqual({ kind: "closed", code: 4403 });
  connection.destroy();
});

it("editor-C1: waits are 0.5 to 15 s with jitter, and the network's return ends one", () => {
  expect([retryWait(0, 0), retryWait(0, 1)]).toEqual([250, 500]);
  expect([retryWait(9, 0), retryWait(9, 1)]).toEqual([7500, 15_000]);
  const { connection, sockets, last } = stand();
  last().fail(1006);
  connection.retry();
  expect(sockets.length).toBe(2);
  connection.destroy();
});

it("editor-C1: a line that has gone silent is given up", () => {
  const { connection, last } = stand();
  last().open();
  vi.advanceTimersByTime(51_000);
  expect(connection.state.get().kind).toBe("connecting");
  connection.destroy();
});

it("editor-C1: tabs of one browser hear each other while the line is down", () => {
  const [first, second] = [stand("cutroom:p1"), stand("cutroom:p1")];
  first.doc.getMap("meta").set("name", "Mine");
  expect(second.doc.getMap("meta").get("name")).toBe("Mine");
  const third = stand("cutroom:p1");
  second.doc.getMap("meta").set("name", "Ours");
  expect(third.doc.getMap("meta").get("name")).toBe("Ours");
  for (const { connection } of [first, second, third]) connection.destroy();
});

it("editor-C2: whose sign-in is over tries once more with a newer one, and only once", async () => {
  let signedIn = true;
  const { connection, sockets, last } = stand(null, () => Promise.resolve(signedIn));
  last().open();
  last().fail(4401);
  expect(connection.state.get().kind).toBe("connecting");
  await vi.advanceTimersByTimeAsync(1000);
  expect(sockets.length).toBe(2);
  last().fail(4401);
  expect(connection.state.get()).toEqual({ kind: "closed", code: 4401 });
  connection.destroy();

  signedIn = false;
  const other = stand(null, () => Promise.resolve(signedIn));
  other.last().open();
  other.last().fail(4401);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(other.sockets.length).toBe(1);
  expect(other.connection.state.get()).toEqual({ kind: "closed", code: 4401 });
  other.connection.destroy();
});

it("editor-C2: after a sync a sign-in may end again", async () => {
  const { connection, sockets, last } = stand(null, () => Promise.resolve(true));
  for (const opened of [1, 2, 3]) {
    expect(sockets.length).toBe(opened);
    last().open();
    step2(last(), new Y.Doc());
    last().fail(4401);
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(connection.state.get().kind).toBe("connecting");
  connection.destroy();
});
