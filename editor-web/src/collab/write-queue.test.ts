import { expect, it } from "vitest";
import * as Y from "yjs";
import type { CommandsAnswer, CommandsRequest } from "@/lib/api/types";
import { ProblemError } from "@/lib/problem";
import { type Command, edited } from "@/timeline-core/commands";
import { type Change, documentFromJson, RECORD_ROOTS } from "@/timeline-core/model";
import { FRAME, idsOf } from "../../tests/films";
import { SharedDocument } from "./document";
import { arrivalIn, WriteQueue } from "./write-queue";

const SECOND = 30 * FRAME;
const FILM = documentFromJson({
  sequences: { s1: {} },
  tracks: { V1: { sequence: "s1" } },
  clips: {
    c1: { track: "V1", start: 0, duration: SECOND, source_in: 0 },
    c2: { track: "V1", start: SECOND, duration: SECOND, source_in: 0 },
    c3: { track: "V1", start: 2 * SECOND, duration: SECOND, source_in: 0 },
  },
});

const sharedFilm = (): SharedDocument => {
  const doc = new Y.Doc();
  for (const root of RECORD_ROOTS) {
    for (const [id, record] of FILM[root]) {
      doc.getMap(root).set(id, new Y.Map(Object.entries(record)));
    }
  }
  return new SharedDocument(doc);
};

type Call = {
  readonly body: CommandsRequest;
  readonly answer: (changes: readonly Change[]) => void;
  readonly fail: (cause: unknown) => void;
};

const stand = (online = true) => {
  const document = sharedFilm();
  const calls: Call[] = [];
  const written: string[] = [];
  const line = { online };
  const queue = new WriteQueue({
    document,
    assets: () => new Map(),
    newId: idsOf("n"),
    online: () => line.online,
    stateVector: () => "vector",
    send: (body) =>
      new Promise<CommandsAnswer>((resolve, reject) => {
        const answer = (changes: readonly Change[]): void =>
          resolve({ id: "1", changes: [...changes], clamped: [], created: {} });
        calls.push({ body, answer, fail: reject });
      }),
    onWritten: (label) => written.push(label),
    arrived: arrivalIn(document),
    pause: () => Promise.resolve(),
  });
  /** What the server would do: its own transaction, then the answer. */
  const serve = (call: Call): void => {
    const commands = call.body.commands as readonly Command[];
    const { changes } = edited(document.stored(), new Map(), commands, idsOf("server"));
    document.apply(changes, "server");
    call.answer(changes);
  };
  return { document, queue, calls, written, line, serve };
};

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

const start = (document: SharedDocument, clip: string): unknown =>
  document.record("clips", clip)?.["start"];

const problem = (status: number, code?: string): ProblemError =>
  new ProblemError({
    type: "about:blank",
    title: "No",
    status,
    detail: "",
    instance: "",
    code,
    id: "c1",
    errors: [],
    traceId: "",
  });

it("editor-Q1: an edit that names its records is written at once", async () => {
  const { document, queue, calls, written } = stand();
  const outcome = await queue.run([{ op: "trim", clip: "c3", edge: "tail", by: -FRAME }]);
  expect(outcome.kind).toBe("done");
  expect(document.stored().clips.get("c3")?.["duration"]).toBe(SECOND - FRAME);
  expect([calls.length, written]).toEqual([0, ["trim"]]);
});

it("editor-Q1: a server command is drawn at once and stored by the server alone", async () => {
  const { document, queue, calls, serve } = stand();
  const outcome = queue.run([{ op: "ripple_delete", clips: ["c1"] }]);
  expect(start(document, "c2")).toBe(0);
  expect(document.stored().clips.get("c2")?.["start"]).toBe(SECOND);
  await settled();
  expect(calls[0]?.body).toEqual({
    commands: [{ op: "ripple_delete", clips: ["c1"] }],
    after: "vector",
  });
  serve(calls[0] as Call);
  expect((await outcome).kind).toBe("done");
  expect(document.stored().clips.get("c2")?.["start"]).toBe(0);
  expect(document.snapshot()).toBe(document.stored());
});

it("editor-Q1: a refused command is taken back, with its code", async () => {
  const { document, queue, calls } = stand();
  const outcome = queue.run([{ op: "ripple_delete", clips: ["c1"] }]);
  await settled();
  calls[0]?.fail(problem(409, "sync_would_break"));
  expect(await outcome).toMatchObject({ kind: "refused", code: "sync_would_break", id: "c1" });
  expect(start(document, "c2")).toBe(SECOND);
  expect(document.record("clips", "c1")?.["removed"]).toBeUndefined();
});

it("editor-Q1: while the document moves to another machine a command is sent again", async () => {
  const { document, queue, calls, serve } = stand();
  const outcome = queue.run([{ op: "ripple_delete", clips: ["c1"] }]);
  await settled();
  calls[0]?.fail(problem(503));
  await settled();
  serve(calls[1] as Call);
  expect((await outcome).kind).toBe("done");
  expect(document.stored().clips.get("c2")?.["start"]).toBe(0);

  const lost = queue.run([{ op: "ripple_delete", clips: ["c2"] }]);
  for (let tries = 2; tries < 12; tries += 1) {
    await settled();
    calls[tries]?.fail(problem(503));
  }
  expect(await lost).toMatchObject({ kind: "failed", problem: { status: 503 } });
  expect(calls.length).toBe(12);
});

it("editor-Q1: what cannot be done here is refused without asking", async () => {
  const { queue, calls } = stand();
  const outcome = await queue.run([{ op: "ripple_delete", clips: ["nobody"] }]);
  expect(outcome).toMatchObject({ kind: "refused", code: "not_found" });
  expect(calls).toEqual([]);
});

it("editor-Q2: what follows a server command waits for it, drawn, and is computed anew", async () => {
  const { document, queue, calls, serve, written } = stand();
  const first = queue.run([{ op: "ripple_delete", clips: ["c1"] }]);
  const second = queue.run([{ op: "move", clips: ["c2"], by: 5 * SECOND }]);
  expect(start(document, "c2")).toBe(5 * SECOND);
  await settled();
  expect(calls.length).toBe(1);
  expect(document.stored().clips.get("c2")?.["start"]).toBe(SECOND);
  serve(calls[0] as Call);
  await Promise.all([first, second]);
  expect(document.stored().clips.get("c2")?.["start"]).toBe(5 * SECOND);
  expect(written).toEqual(["ripple_delete", "move"]);
});

it("editor-Q2: offline everything is written here, and so is what the network cut off", async () => {
  const offline = stand(false);
  await offline.queue.run([{ op: "ripple_delete", clips: ["c1"] }]);
  expect(offline.document.stored().clips.get("c2")?.["start"]).toBe(0);
  expect(offline.calls).toEqual([]);

  const cut = stand();
  const outcome = cut.queue.run([{ op: "ripple_delete", clips: ["c1"] }]);
  await settled();
  cut.line.online = false;
  cut.calls[0]?.fail(problem(0));
  expect((await outcome).kind).toBe("done");
  expect(cut.document.stored().clips.get("c2")?.["start"]).toBe(0);
});

it("editor-Q5: is settled only when the server has answered, so that undo knows the newest edit", async () => {
  const { queue, calls, serve, written } = stand();
  await queue.settled();
  void queue.run([{ op: "ripple_delete", clips: ["c1"] }]);
  let isSettled = false;
  const settling = queue.settled().then(() => {
    isSettled = true;
  });
  await settled();
  expect([isSettled, written]).toEqual([false, []]);
  serve(calls[0] as Call);
  await settling;
  expect(written).toEqual(["ripple_delete"]);
});
