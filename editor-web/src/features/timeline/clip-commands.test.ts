import { describe, expect, it } from "vitest";
import { documentFromJson } from "@/timeline-core/model";
import { flicks, TICKS } from "@/timeline-core/time";
import {
  clipRange,
  duplicateCommands,
  enableCommands,
  extendCommands,
  fitRangeCommands,
  forwardClips,
  freezeCommands,
  groupCommands,
  joinCommands,
  linkCommands,
  nestCommands,
  pasteAttributesCommands,
  rangeCommands,
  reorderCommands,
  reverseCommands,
  sideCommands,
  swapCommands,
  toolNudgeCommands,
  unNestCommands,
} from "./clip-commands";
import type { Choice } from "./edit-commands";
import { ViewBuilder } from "./model/build-view";
import { trimPictures } from "./model/trim-pictures";
import { withLinks } from "./model/view-model";

const FRAME = TICKS / 30;
const DOCUMENT = documentFromJson({
  meta: { main_sequence: "seq" },
  sequences: { seq: { order: "a0" }, inner: { name: "Inner", order: "a1" } },
  tracks: {
    v1: { sequence: "seq", kind: "video", order: "a0" },
    v2: { sequence: "seq", kind: "video", order: "a1", locked: true },
    a1: { sequence: "seq", kind: "audio", order: "a0" },
    a2: { sequence: "seq", kind: "audio", order: "a1" },
  },
  clips: {
    one: { track: "v1", asset: "as1", start: 0, duration: TICKS, link: "x", group: "g" },
    sound: { track: "a1", asset: "as1", start: 0, duration: TICKS, link: "x" },
    two: {
      track: "v1",
      asset: "as2",
      start: TICKS,
      duration: TICKS,
      source_in: 4 * TICKS,
      link: "y",
    },
    noise: {
      track: "a1",
      asset: "as2",
      start: TICKS,
      duration: TICKS,
      source_in: 4 * TICKS,
      link: "y",
    },
    three: { track: "v1", asset: "as1", start: 2 * TICKS, duration: TICKS, group: "g" },
    nest: { track: "v1", kind: "sequence", sequence: "inner", start: 5 * TICKS, duration: TICKS },
    above: { track: "v2", kind: "title", text: "Locked", start: 0, duration: 9 * TICKS },
  },
});
const view = new ViewBuilder().build(DOCUMENT, new Map(), null, () => "");
const choice = (part: Partial<Choice> = {}): Choice => ({
  view,
  selection: [],
  linked: true,
  playhead: flicks(TICKS * 1.5),
  ...part,
});
const none = { from: null, to: null };

describe("commands of keys and palette", () => {
  it("editor-G8: mean the selection, else what the topmost unlocked track shows at the playhead", () => {
    expect(reverseCommands(choice())).toEqual([{ op: "reverse", clip: "two", linked: true }]);
    expect(reverseCommands(choice({ selection: ["one", "sound"] }))).toEqual([
      { op: "reverse", clip: "one", linked: true },
    ]);
    expect(freezeCommands(choice())).toEqual([
      { op: "freeze", clip: "two", at: TICKS * 1.5, duration: 2 * TICKS, linked: true },
    ]);
    expect(enableCommands(choice())).toEqual([
      { op: "set", map: "clips", id: "two", values: { enabled: false } },
    ]);
  });

  it("editor-G8: cut ranges out, an open side being the film's own end", () => {
    expect(rangeCommands(choice(), none, "lift")).toEqual([]);
    expect(rangeCommands(choice(), { from: flicks(TICKS), to: null }, "remove_range")).toEqual([
      { op: "remove_range", range: { start: TICKS, duration: 8 * TICKS }, sequence: "seq" },
    ]);
    expect(sideCommands(choice(), "left")).toEqual([
      { op: "remove_range", range: { start: 0, duration: TICKS * 1.5 }, sequence: "seq" },
    ]);
    expect(sideCommands(choice({ playhead: flicks(0) }), "left")).toEqual([]);
  });

  it("editor-G8: extend the edge that is nearest to the playhead", () => {
    const [command] = extendCommands(choice({ playhead: flicks(TICKS * 2.9) }));
    expect(command).toMatchObject({ op: "extend", clip: "three", at: TICKS * 2.9 });
  });

  it("editor-G8: link what is apart, and take one set apart", () => {
    expect(linkCommands(choice({ selection: ["one", "three"] }))[0]?.["op"]).toBe("link");
    expect(linkCommands(choice({ selection: ["two", "noise"] }))[0]?.["op"]).toBe("unlink");
    expect(linkCommands(choice({ selection: ["three"] }))).toEqual([]);
  });

  it("editor-G8: group two or more, ungroup what is in a group", () => {
    expect(groupCommands(choice({ selection: ["two"] }), "group")).toEqual([]);
    expect(groupCommands(choice({ selection: ["two", "three"] }), "ungroup")).toEqual([
      { op: "ungroup", clips: ["three"] },
    ]);
  });

  it("editor-G8: name two clips in the order of time, a link set by one of its members", () => {
    const selection = ["three", "two", "noise"];
    expect(joinCommands(choice({ selection }))).toEqual([{ op: "join", clips: ["two", "three"] }]);
    expect(swapCommands(choice({ selection }))[0]).toMatchObject({ clips: ["two", "three"] });
    expect(swapCommands(choice({ selection: ["two"] }))).toEqual([]);
    expect(joinCommands(choice())).toEqual([{ op: "join", clip: "two" }]);
  });

  it("editor-G8: paste the looks of what was copied first, but not on itself", () => {
    const selection = ["one", "three"];
    expect(pasteAttributesCommands(choice({ selection }), ["one", "sound"])).toEqual([
      { op: "paste_attributes", source: "one", clips: ["three"] },
    ]);
    expect(pasteAttributesCommands(choice({ selection }), [])).toEqual([]);
  });

  it("editor-G8: nest what is selected and put a nested sequence back", () => {
    expect(nestCommands(choice({ selection: ["two", "noise"] }), "Nest")[0]).toMatchObject({
      clips: ["two", "noise"],
      name: "Nest",
    });
    expect(unNestCommands(choice({ selection: ["nest"] }))).toEqual([
      { op: "un_nest", clip: "nest" },
    ]);
    expect(unNestCommands(choice())).toEqual([]);
    expect(duplicateCommands(choice())).toEqual([]);
  });

  it("editor-G8: stretch a clip over in to out", () => {
    const range = { from: flicks(3 * TICKS), to: flicks(5 * TICKS) };
    expect(fitRangeCommands(choice({ selection: ["three"] }), range)).toEqual([
      { op: "rate_stretch", clip: "three", duration: 2 * TICKS, linked: true },
      { op: "move", clips: ["three"], at: 3 * TICKS, linked: true },
    ]);
  });

  it("editor-G8: put a track one place up or down on screen, among its own kind", () => {
    expect(reorderCommands(view, "v1", -1)).toEqual([
      { op: "reorder_track", track: "v1", above: "v2" },
    ]);
    expect(reorderCommands(view, "v1", 1)).toEqual([]);
    expect(reorderCommands(view, "a1", 1)).toEqual([
      { op: "reorder_track", track: "a1", above: "a2" },
    ]);
  });

  it("editor-G8: slip and slide by frames as the drag of the tool does", () => {
    const selection = ["two", "noise"];
    const [slip, ...more] = toolNudgeCommands(choice({ selection }), "slip", 2);
    expect(more).toEqual([]);
    expect(slip).toEqual({ op: "slip", clip: "two", by: -2 * FRAME, linked: true });
    expect(toolNudgeCommands(choice({ selection }), "slide", -1)[0]).toMatchObject({
      op: "slide",
      by: -FRAME,
    });
  });

  it("editor-G8: select everything on unlocked tracks that is not over yet", () => {
    expect(forwardClips(choice())).toEqual(["two", "three", "nest", "noise"]);
    expect(clipRange(choice())).toEqual({ from: TICKS, to: 2 * TICKS });
  });

  it("editor-G8: take the whole group with a clip, and the links of all of it", () => {
    expect([...withLinks(view, ["three"])].sort()).toEqual(["one", "sound", "three"]);
  });
});

describe("the trim view", () => {
  const pictures = (intent: Parameters<typeof trimPictures>[0]) =>
    trimPictures(intent, view, []).map(({ label, asset, at }) => [label, asset, at]);
  const last = (seconds: number): number => Math.floor(seconds * TICKS - FRAME / 2);

  it("editor-G9: shows the picture at a trimmed edge, and both sides of a rolled cut", () => {
    expect(
      pictures({ kind: "trim", clip: "two", edge: "head", by: flicks(0), ripple: false }),
    ).toEqual([["in", "as2", 4 * TICKS + FRAME / 2]]);
    expect(pictures({ kind: "roll", left: "one", right: "two", by: flicks(0) })).toEqual([
      ["out", "as1", last(1)],
      ["in", "as2", 4 * TICKS + FRAME / 2],
    ]);
  });

  it("editor-G9: shows four pictures for slip and slide, from the picture linked with a sound", () => {
    const four = [
      ["before", "as1", last(1)],
      ["in", "as2", 4 * TICKS + FRAME / 2],
      ["out", "as2", last(5)],
      ["after", "as1", FRAME / 2],
    ];
    expect(pictures({ kind: "slip", clip: "two", by: flicks(0) })).toEqual(four);
    expect(pictures({ kind: "slide", clip: "noise", by: flicks(0) })).toEqual(four);
  });

  it("editor-G9: shows where the clip would be, not where it is", () => {
    const moved = view.tracks.flatMap((track) => track.clips).find(({ id }) => id === "two");
    if (!moved) throw new Error("no clip");
    const after = [{ ...moved, sourceIn: flicks(3 * TICKS) }];
    const shown = trimPictures({ kind: "slip", clip: "two", by: flicks(-TICKS) }, view, after);
    expect(shown[1]?.at).toBe(3 * TICKS + FRAME / 2);
  });
});
