import { expect, it } from "vitest";
import * as Y from "yjs";
import { nextLookIn, type SaveFacts, saveState } from "./save-state";
import { Unsaved } from "./unsaved";

const FACTS: SaveFacts = {
  connection: { kind: "connected", since: 1000, synced: true },
  online: true,
  canWrite: true,
  loaded: true,
  edits: 0,
  oldestEditAt: null,
  savedAt: null,
  now: 10_000,
};

const kindWith = (part: Partial<SaveFacts>): string => saveState({ ...FACTS, ...part }).kind;

it("editor-S2: saving shows after 300 ms, not saved yet after 5 s", () => {
  const waiting = { edits: 1, oldestEditAt: 10_000 };
  expect(kindWith({ ...waiting, now: 10_299 })).toBe("saved");
  expect(kindWith({ ...waiting, now: 10_300 })).toBe("saving");
  expect(kindWith({ ...waiting, now: 15_000 })).toBe("unsaved");
  expect(nextLookIn({ ...FACTS, ...waiting, now: 10_100 })).toBe(200);
  expect(nextLookIn({ ...FACTS, ...waiting, now: 10_300 })).toBe(4700);
  expect(nextLookIn({ ...FACTS, ...waiting, now: 20_000 })).toBeNull();
});

it("editor-S2: edits made while the line was cut wait from when it is back", () => {
  const connection = { kind: "connected", since: 60_000, synced: true } as const;
  expect(kindWith({ connection, edits: 1, oldestEditAt: 10_000, now: 60_100 })).toBe("saved");
  expect(kindWith({ connection, edits: 1, oldestEditAt: 10_000, now: 60_300 })).toBe("saving");
});

it("editor-S2: a line that is lost reconnects, and is offline after 5 s", () => {
  const connection = { kind: "connecting", since: 10_000, attempts: 1 } as const;
  expect(kindWith({ connection, now: 10_000 })).toBe("reconnecting");
  expect(saveState({ ...FACTS, connection, edits: 12, now: 15_000 })).toEqual({
    kind: "offline",
    edits: 12,
  });
  expect(kindWith({ connection, online: false })).toBe("offline");
});

it("editor-S2: every final close code and a role without writing have their word", () => {
  const closed = [4400, 4401, 4403, 4404, 4413] as const;
  expect(closed.map((code) => kindWith({ connection: { kind: "closed", code } }))).toEqual([
    "unreadable",
    "signed-out",
    "no-access",
    "no-access",
    "full",
  ]);
  expect(kindWith({ canWrite: false })).toBe("view-only");
  expect(
    kindWith({ loaded: false, connection: { kind: "connecting", since: 0, attempts: 0 } }),
  ).toBe("loading");
});

const edit = (doc: Y.Doc, key: string): void => {
  doc.getMap("meta").set(key, 1);
};

const vectorOf = (doc: Y.Doc): ReadonlyMap<number, number> =>
  Y.decodeStateVector(Y.encodeStateVector(doc));

it("editor-S1: an edit is unsaved until an ack covers it", () => {
  const doc = new Y.Doc();
  const unsaved = new Unsaved(
    doc,
    () => false,
    () => 5,
  );
  edit(doc, "a");
  const first = vectorOf(doc);
  edit(doc, "b");
  expect([unsaved.edits, unsaved.oldestAt]).toEqual([2, 5]);
  unsaved.acked(first, 100);
  expect([unsaved.edits, unsaved.savedAt]).toEqual([1, null]);
  unsaved.acked(vectorOf(doc), 200);
  expect([unsaved.edits, unsaved.oldestAt, unsaved.savedAt]).toEqual([0, null, 200]);
});

it("editor-S1: edits of an earlier visit count, what the server sent does not", () => {
  const earlier = new Y.Doc();
  edit(earlier, "a");
  const other = new Y.Doc();
  edit(other, "b");
  const doc = new Y.Doc();
  const unsaved = new Unsaved(doc, (origin) => origin === "server");
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(earlier), "this browser's copy");
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(other), "server");
  expect(unsaved.edits).toBe(0); // before the first ack nobody knows
  unsaved.acked(new Map(), 100);
  expect(unsaved.edits).toBe(1);
  unsaved.acked(vectorOf(earlier), 200);
  expect(unsaved.edits).toBe(0);
});
