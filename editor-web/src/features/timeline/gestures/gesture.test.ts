import { describe, expect, it } from "vitest";
import { documentFromJson } from "@/timeline-core/model";
import { flicks, TICKS } from "@/timeline-core/time";
import {
  type Choice,
  deleteCommands,
  nearestCut,
  splitCommands,
  tracksFor,
  trimToPlayhead,
} from "../edit-commands";
import { ViewBuilder } from "../model/build-view";
import { commandsOf } from "../plan-intent";
import { type DragInput, draftOf, gripOf } from "./gesture";

const DOCUMENT = documentFromJson({
  meta: { main_sequence: "seq" },
  sequences: { seq: {} },
  tracks: {
    v1: { sequence: "seq", kind: "video", order: "a0" },
    v2: { sequence: "seq", kind: "video", order: "a1", locked: true },
    a1: { sequence: "seq", kind: "audio", order: "a0" },
    a2: { sequence: "seq", kind: "audio", order: "a1" },
  },
  clips: {
    one: { track: "v1", asset: "as", start: TICKS, duration: TICKS, link: "x" },
    sound: { track: "a1", asset: "as", start: TICKS, duration: TICKS, link: "x" },
    two: { track: "v1", asset: "as", start: 2 * TICKS, duration: TICKS },
  },
});
const view = new ViewBuilder().build(DOCUMENT, new Map(), null, () => "");
const clip = (id: string) => {
  const found = view.tracks.flatMap((track) => track.clips).find((one) => one.id === id);
  if (!found) throw new Error(`no ${id}`);
  return found;
};
const input = (by: number, part: Partial<DragInput> = {}): DragInput => ({
  by: flicks(by),
  track: "v1",
  modifiers: { ctrl: false, shift: false, alt: false },
  snap: false,
  rippleSwitch: false,
  points: [],
  reach: flicks(0),
  ...part,
});
const choice = (part: Partial<Choice>): Choice => ({
  view,
  selection: [],
  linked: true,
  playhead: flicks(TICKS * 1.5),
  ...part,
});
const body = () =>
  gripOf({ kind: "body", clip: clip("one") }, "select", ["one", "sound"], view, false);

describe("drags", () => {
  it("editor-G5: moves what is selected and never before the start", () => {
    const grip = body();
    if (!grip) throw new Error("no grip");
    expect(draftOf(grip, input(-5 * TICKS)).intent).toMatchObject({
      kind: "move",
      by: -TICKS,
      mode: "overwrite",
    });
  });

  it("editor-G5: inserts with Ctrl, and with the ripple switch on Ctrl overwrites again", () => {
    const grip = body();
    if (!grip) throw new Error("no grip");
    const ctrl = { ctrl: true, shift: false, alt: false };
    expect(draftOf(grip, input(1, { modifiers: ctrl })).intent).toMatchObject({ mode: "insert" });
    expect(draftOf(grip, input(1, { modifiers: ctrl, rippleSwitch: true })).intent).toMatchObject({
      mode: "overwrite",
    });
  });

  it("editor-G5: keeps the time with Shift", () => {
    const grip = body();
    if (!grip) throw new Error("no grip");
    const shift = { ctrl: false, shift: true, alt: false };
    expect(draftOf(grip, input(TICKS, { modifiers: shift, track: "v2" })).intent).toMatchObject({
      by: 0,
      track: "v2",
    });
  });

  it("editor-G5: takes nothing from a gap: that is a marquee", () => {
    expect(gripOf({ kind: "empty", track: null }, "select", [], view, false)).toBeNull();
  });

  it("editor-G5: keeps a transition's length when its body is dragged", () => {
    const transition = {
      id: "t",
      track: "v1",
      kind: "dissolve",
      left: "one",
      right: "two",
      at: flicks(2 * TICKS),
      inOffset: flicks(100),
      outOffset: flicks(300),
    };
    const drag = (part: "body" | "tail", by: number) =>
      draftOf({ kind: "transition", transition, part }, input(by)).intent;
    expect(drag("body", 60)).toMatchObject({ inOffset: 40, outOffset: 360 });
    expect(drag("body", 900)).toMatchObject({ inOffset: 0, outOffset: 400 });
    expect(drag("tail", -900)).toMatchObject({ inOffset: 100, outOffset: 0 });
  });
});

describe("commands of a drop", () => {
  it("editor-G5: names the grabbed clip first and its new track", () => {
    const grip = body();
    if (!grip) throw new Error("no grip");
    const { intent } = draftOf(grip, input(TICKS, { track: "v2" }));
    expect(commandsOf(intent, view, true)).toEqual([
      {
        op: "move",
        clips: ["one", "sound"],
        by: TICKS,
        mode: "overwrite",
        linked: true,
        track: "v2",
      },
    ]);
  });

  it("editor-G5: writes nothing where nothing changed", () => {
    const grip = body();
    if (!grip) throw new Error("no grip");
    expect(commandsOf(draftOf(grip, input(0)).intent, view, true)).toEqual([]);
  });
});

describe("keys", () => {
  it("editor-G6: splits the selected clips under the playhead, else every unlocked track", () => {
    expect(splitCommands(choice({ selection: ["one"] }))).toMatchObject([
      { op: "split", clips: ["one"] },
    ]);
    expect(splitCommands(choice({}))).toMatchObject([{ op: "split", tracks: ["v1", "a1"] }]);
    expect(splitCommands(choice({ playhead: flicks(9 * TICKS) }))).toEqual([]);
  });

  it("editor-G6: trims a link set once", () => {
    const commands = trimToPlayhead(choice({ selection: ["one", "sound"] }), "tail", true);
    expect(commands).toEqual([
      { op: "ripple", clip: "one", edge: "tail", by: -TICKS / 2, linked: true },
    ]);
  });

  it("editor-G6: lifts clips, closes gaps", () => {
    const gap = { track: "v1", start: flicks(0), end: flicks(TICKS) };
    expect(deleteCommands(choice({ selection: ["one"] }), null, false)).toMatchObject([
      { op: "lift" },
    ]);
    expect(deleteCommands(choice({ selection: ["one"] }), null, true)).toMatchObject([
      { op: "ripple_delete" },
    ]);
    expect(deleteCommands(choice({}), gap, false)).toEqual([
      { op: "close_gap", track: "v1", at: 0 },
    ]);
  });

  it("editor-G6: finds the cut nearest to the playhead", () => {
    expect(nearestCut(choice({}))).toMatchObject({ left: { id: "one" }, right: { id: "two" } });
  });

  it("editor-G6: puts picture and sound on tracks that are not locked", () => {
    const video = { id: "as", name: "", kind: "video", hasAudio: true } as const;
    expect(tracksFor(view, video, "v2")).toEqual(["v1", "a1"]);
    expect(tracksFor(view, { ...video, kind: "audio" }, "a2")).toEqual(["a2"]);
    expect(tracksFor(view, { ...video, hasAudio: false }, null)).toEqual(["v1"]);
  });
});
