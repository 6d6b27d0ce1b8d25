import * as encoding from "lib0/encoding";
import { expect, it } from "vitest";
import { writeSyncStep2 } from "y-protocols/sync";
import * as Y from "yjs";
import type { Role } from "@/lib/api/types";
import { newId } from "@/lib/ids";
import type { SocketLike } from "./connection";
import { Session } from "./session";

const silent = (): SocketLike => ({
  binaryType: "",
  readyState: 0,
  onopen: null,
  onmessage: null,
  onclose: null,
  onerror: null,
  send: () => undefined,
  close: () => undefined,
});

const NO_ASSETS = new Map();

const sessionOf = (role: Role, openSocket: () => SocketLike = silent): Session =>
  new Session({
    project: "p1",
    user: { id: "u1", name: "Asha" },
    role,
    collabUrl: "ws://host/collab",
    assets: { get: () => NO_ASSETS, subscribe: () => () => undefined },
    newId,
    send: () => Promise.reject(new Error("offline")),
    storage: { getItem: () => null, setItem: () => undefined },
    offlineCopy: false,
    openSocket,
  });

const addSequence = { op: "add_sequence", values: { name: "Main" } };

it("editor-S3: who may only view changes nothing, and is told so", async () => {
  const session = sessionOf("viewer");
  expect(await session.edit(addSequence)).toMatchObject({
    kind: "failed",
    problem: { title: "View only" },
  });
  expect(session.document.snapshot().sequences.size).toBe(0);
  session.role.set("editor");
  expect((await session.edit(addSequence)).kind).toBe("done");
  session.role.set("commenter");
  expect(session.undo()).toBeNull();
  session.destroy();
});

it("editor-Q2, timeline-U1: an edit without a line is kept, resolved and taken back", async () => {
  const session = sessionOf("owner");
  await session.edit(addSequence);
  const resolved = session.resolved.get();
  expect([resolved.sequences.size, session.resolved.get() === resolved]).toEqual([1, true]);
  expect(session.saveState.get()).toEqual({ kind: "loading" });
  expect(session.wouldLoseWork()).toBe(true);
  expect(session.undo()?.label).toBe("add_sequence");
  expect(session.resolved.get().sequences.size).toBe(0);
  session.destroy();
});

it("editor-Q5: undo on a page that just opened waits for what the server has, or for a line that failed", async () => {
  const socket = silent();
  const session = sessionOf("owner", () => socket);
  let isSettled = false;
  const settling = session.settled().then(() => {
    isSettled = true;
  });
  socket.onopen?.();
  await Promise.resolve();
  expect(isSettled).toBe(false);
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 0);
  writeSyncStep2(encoder, new Y.Doc());
  socket.onmessage?.({ data: encoding.toUint8Array(encoder).slice().buffer });
  await settling;
  session.destroy();

  const broken = silent();
  const alone = sessionOf("owner", () => broken);
  broken.onclose?.({ code: 1006 });
  await alone.settled();
  alone.destroy();
});
