import { expect, it } from "vitest";
import { type Change, documentFromJson, type Json } from "@/timeline-core/model";
import { ENTRIES_MAX, UndoStack } from "./undo-stack";

const memory = () => {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
};

const named = (before: Json, after: Json): Change => ({
  map: "clips",
  id: "c1",
  key: "name",
  before,
  after,
});

const film = (name: Json) => documentFromJson({ clips: { c1: { name } } });

it("timeline-U4: the stack survives a reload, keeps 200 entries, and a new edit clears redo", () => {
  const storage = memory();
  const stack = new UndoStack(storage, "k");
  for (let number = 0; number <= ENTRIES_MAX; number += 1) {
    stack.push({ label: "set", changes: [named(number, number + 1)] });
  }
  const again = new UndoStack(storage, "k");
  expect(again.state.get().undo.length).toBe(ENTRIES_MAX);
  const step = again.undo(film(ENTRIES_MAX + 1));
  expect(step?.changes).toEqual([named(ENTRIES_MAX + 1, ENTRIES_MAX)]);
  expect(again.redo(film(ENTRIES_MAX))?.changes).toEqual([named(ENTRIES_MAX, ENTRIES_MAX + 1)]);
  again.undo(film(ENTRIES_MAX + 1));
  again.push({ label: "set", changes: [named("x", "y")] });
  expect(again.state.get().redo).toEqual([]);
});

it("timeline-U3: an entry of which nothing stands is passed over", () => {
  const stack = new UndoStack(memory(), "k");
  stack.push({ label: "first", changes: [named("a", "b")] });
  stack.push({ label: "second", changes: [named("c", "d")] });
  expect(stack.undo(film("b"))?.label).toBe("first");
  expect(stack.undo(film("a"))).toBeNull();
});

it("timeline-U4: a damaged store is an empty stack", () => {
  const storage = memory();
  storage.setItem("k", '{"undo": [{"label": 5}]}');
  expect(new UndoStack(storage, "k").state.get()).toEqual({ undo: [], redo: [] });
});
