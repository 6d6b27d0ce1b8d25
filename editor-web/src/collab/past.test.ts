import { expect, it } from "vitest";
import { openPast } from "./past";

const NO_ASSETS = new Map();

const FILE = {
  schema: 1,
  meta: { name: "First cut", main_sequence: "s1" },
  sequences: { s1: { name: "Main" } },
  tracks: { v1: { sequence: "s1", kind: "video", order: "a0" } },
  clips: {
    c1: { track: "v1", kind: "title", text: "Hi", start: 0, duration: 705_600_000 },
    c2: { track: "v1", kind: "title", text: "Gone", start: 0, duration: 1, removed: true },
  },
  assets: { as_1: { path: "a.mp4" } },
};

it("editor-Q4: the past shows what it was, and takes no edit", async () => {
  const past = openPast(
    {
      project: "p1",
      user: { id: "u1", name: "Asha" },
      assets: { get: () => NO_ASSETS, subscribe: () => () => undefined },
    },
    FILE,
  );
  const document = past.document.snapshot();
  expect(document.meta).toEqual(FILE.meta);
  expect(Object.fromEntries(document.clips)).toEqual(FILE.clips);
  expect(past.loaded.get()).toBe(true);
  const shown = past.resolved.get().sequences.get("s1");
  expect(shown?.tracks[0]?.spans.map(({ clip }) => clip)).toEqual(["c1"]);
  const edit = await past.edit({ op: "set", map: "meta", values: { name: "Mine" } });
  expect(edit.kind).toBe("failed");
  expect(past.undo()).toBeNull();
  expect(past.document.snapshot().meta["name"]).toBe("First cut");
  past.destroy();
});
