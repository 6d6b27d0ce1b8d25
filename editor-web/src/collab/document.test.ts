import { expect, it } from "vitest";
import * as Y from "yjs";
import { SharedDocument } from "./document";

const stand = () => {
  const doc = new Y.Doc();
  doc.getMap("clips").set("c1", new Y.Map<unknown>([["name", "One"]]));
  doc.getMap("clips").set("c2", new Y.Map<unknown>([["name", "Two"]]));
  return { doc, shared: new SharedDocument(doc) };
};

const write = (shared: SharedDocument, id: string, key: string | null, after: never): void =>
  shared.apply([{ map: "clips", id, key, before: null, after }], "test");

it("editor-D1: a record stays the same object until it changes", () => {
  const { shared } = stand();
  const [one, two] = [shared.record("clips", "c1"), shared.record("clips", "c2")];
  const told: string[] = [];
  shared.subscribeRecord("clips", "c1", () => told.push("c1"));
  shared.subscribeRecord("clips", "c2", () => told.push("c2"));
  write(shared, "c1", "name", "Uno" as never);
  expect(shared.record("clips", "c1")).not.toBe(one);
  expect(shared.record("clips", "c2")).toBe(two);
  expect(told).toEqual(["c1"]);
});

it("editor-D1: listeners are told once a transaction, and ids stay until a record comes", () => {
  const { doc, shared } = stand();
  let told = 0;
  shared.subscribe(() => {
    told += 1;
  });
  const ids = shared.ids("clips");
  doc.transact(() => {
    for (const record of doc.getMap("clips").values()) (record as Y.Map<unknown>).set("x", 1);
    doc.getMap("meta").set("name", "Film");
  });
  expect(told).toBe(1);
  expect(shared.ids("clips")).toBe(ids);
  write(shared, "c3", null, { name: "Three" } as never);
  expect(shared.ids("clips")).toEqual(["c1", "c2", "c3"]);
  expect(shared.snapshot().meta).toEqual({ name: "Film" });
});

it("editor-D2: only keys whose value differs are written, and none is deleted", () => {
  const { doc, shared } = stand();
  let updates = 0;
  doc.on("update", () => {
    updates += 1;
  });
  write(shared, "c1", "name", "One" as never);
  write(shared, "c1", "color", null as never);
  expect(updates).toBe(0);
  write(shared, "c1", "name", null as never);
  expect(shared.record("clips", "c1")).toEqual({ name: null });
});

it("editor-D2: a record is never set as a whole where one is", () => {
  const { doc, shared } = stand();
  const record = doc.getMap("clips").get("c1");
  write(shared, "c1", null, { start: 5 } as never);
  expect(doc.getMap("clips").get("c1")).toBe(record);
  expect(shared.record("clips", "c1")).toEqual({ name: "One", start: 5 });
});
