import { describe, expect, it } from "vitest";
import { documentFromJson } from "@/timeline-core/model";
import { type Flicks, flicks, TICKS } from "@/timeline-core/time";
import { ViewBuilder } from "./build-view";
import { clipsTouching, hitTest } from "./hit-test";
import { levelFor, parsePeaks } from "./peaks";
import { layOut, rowOf } from "./rows";
import { snapPoints, snapShift } from "./snapping";
import { parseTimecode } from "./timecode-input";
import { clipAt, findClip, gapAt, rangeBetween, type TimelineView, withLinks } from "./view-model";
import { fitted, pagedTo, toTime, toX, type Viewport, zoomedAt } from "./viewport";

const second = (number: number): Flicks => flicks(number * TICKS);

const DOCUMENT = documentFromJson({
  meta: { main_sequence: "seq" },
  sequences: { seq: { fps_num: 30, fps_den: 1 } },
  tracks: {
    v1: { sequence: "seq", kind: "video", order: "a0" },
    v2: { sequence: "seq", kind: "video", order: "a1" },
    a1: { sequence: "seq", kind: "audio", order: "a0" },
    gone: { sequence: "seq", kind: "video", order: "a2", removed: true },
  },
  clips: {
    one: { track: "v1", asset: "as", start: 0, duration: 2 * TICKS, link: "x" },
    sound: { track: "a1", asset: "as", start: 0, duration: 2 * TICKS, link: "x" },
    two: { track: "v1", asset: "as", start: 2 * TICKS, duration: 2 * TICKS },
    three: { track: "v1", kind: "title", text: "Hello", start: 6 * TICKS, duration: TICKS },
    orphan: { track: "gone", start: 0, duration: TICKS },
    nonsense: { track: "v1", start: -5, duration: "long" },
    removed: { track: "v1", start: 0, duration: TICKS, removed: true },
  },
  transitions: {
    cut: { left: "one", right: "two", in_offset: TICKS / 4, out_offset: TICKS / 4 },
    apart: { left: "two", right: "three" },
  },
  markers: { later: { t: 3 * TICKS }, mark: { t: TICKS } },
});

const builder = new ViewBuilder();
const view: TimelineView = builder.build(DOCUMENT, new Map(), null, (record) =>
  String(record["text"] ?? ""),
);
const rows = layOut(view, new Map());
const viewport: Viewport = {
  from: flicks(0),
  pixelsPerSecond: 100,
  width: 1000,
  height: 300,
  scrollY: 0,
};
const middleOf = (track: string): number => {
  const row = rowOf(rows, track);
  return (row?.top ?? 0) + (row?.height ?? 0) * 0.75;
};
const hit = (x: number, track = "v1", selected: readonly string[] = []) =>
  hitTest(rows, viewport, { x, y: middleOf(track) }, new Set(selected));

describe("the view model", () => {
  it("editor-G1: stands as on screen: the topmost picture first, then sound", () => {
    expect(view.tracks.map((track) => track.id)).toEqual(["v2", "v1", "a1"]);
  });

  it("editor-G1: leaves out what is removed, orphaned or nonsense", () => {
    const ids = view.tracks.flatMap((track) => track.clips.map((clip) => clip.id));
    expect(ids.sort()).toEqual(["one", "sound", "three", "two"]);
  });

  it("editor-G1: keeps the objects of tracks and clips that nobody touched", () => {
    const clips = new Map(DOCUMENT.clips);
    clips.set("three", { ...DOCUMENT.clips.get("three"), start: 7 * TICKS });
    const again = builder.build({ ...DOCUMENT, clips }, new Map(), null, (record) =>
      String(record["text"] ?? ""),
    );
    expect(again.tracks[2]).toBe(view.tracks[2]);
    expect(findClip(again, "one")).toBe(findClip(view, "one"));
    expect(findClip(again, "three")).not.toBe(findClip(view, "three"));
  });

  it("editor-G1: draws a transition only where its clips touch", () => {
    expect(view.tracks[1]?.transitions.map((transition) => transition.id)).toEqual(["cut"]);
  });

  it("editor-G1: finds clips and gaps by time", () => {
    const track = view.tracks[1];
    if (!track) throw new Error("no track");
    expect(clipAt(track, second(2))?.id).toBe("two");
    expect(clipAt(track, second(5))).toBeNull();
    expect(gapAt(track, second(5))).toEqual({ start: second(4), end: second(6) });
    expect(gapAt(track, second(9))).toBeNull();
  });

  it("editor-G1: selects link sets whole and ranges along a track", () => {
    expect(withLinks(view, ["one"]).toSorted()).toEqual(["one", "sound"]);
    expect(rangeBetween(view, "three", "one")).toEqual(["one", "two", "three"]);
  });

  it("editor-G1: sorts markers by time", () => {
    expect(view.markers.map((marker) => marker.id)).toEqual(["mark", "later"]);
  });
});

describe("hit tests", () => {
  it("editor-G2: takes an edge inside of six pixels and the body beyond", () => {
    expect(hit(604)).toMatchObject({ kind: "edge", edge: "head", clip: { id: "three" } });
    expect(hit(697)).toMatchObject({ kind: "edge", edge: "tail", clip: { id: "three" } });
    expect(hit(650)).toMatchObject({ kind: "body", clip: { id: "three" } });
  });

  it("editor-G2: rolls on a cut, and trims a little beside it", () => {
    expect(hit(202)).toMatchObject({ kind: "roll", left: { id: "one" }, right: { id: "two" } });
    expect(hit(205)).toMatchObject({ kind: "edge", edge: "head", clip: { id: "two" } });
    expect(hit(195)).toMatchObject({ kind: "edge", edge: "tail", clip: { id: "one" } });
  });

  it("editor-G2: puts a transition above the cut it covers", () => {
    const row = rowOf(rows, "v1");
    const point = { x: 200, y: (row?.top ?? 0) + 4 };
    expect(hitTest(rows, viewport, point, new Set())).toMatchObject({
      kind: "transition",
      part: "body",
    });
  });

  it("editor-G2: gives narrow clips edges only when they are selected", () => {
    const far = { ...viewport, pixelsPerSecond: 10 };
    const point = { x: 61, y: middleOf("v1") };
    expect(hitTest(rows, far, point, new Set())).toMatchObject({ kind: "body" });
    expect(hitTest(rows, far, point, new Set(["three"]))).toMatchObject({ kind: "edge" });
  });

  it("editor-G2: names gaps, empty tracks and nothing", () => {
    expect(hit(500)).toMatchObject({ kind: "gap", start: second(4), end: second(6) });
    expect(hit(900)).toMatchObject({ kind: "empty", track: { id: "v1" } });
    expect(hitTest(rows, viewport, { x: 10, y: 9_999 }, new Set())).toEqual({
      kind: "empty",
      track: null,
    });
  });

  it("editor-G2: collects what a marquee touches", () => {
    const box = { x0: 650, y0: middleOf("v1"), x1: 150, y1: middleOf("a1") };
    expect(clipsTouching(rows, viewport, box).toSorted()).toEqual(["one", "sound", "three", "two"]);
  });
});

describe("the viewport", () => {
  it("editor-G3: keeps the time under the pointer when it zooms", () => {
    const before = toTime(viewport, 400);
    const zoomed = zoomedAt(viewport, 3, 400, 30);
    expect(Math.abs(toX(zoomed, before) - 400)).toBeLessThan(0.01);
  });

  it("editor-G3: goes from the whole film to forty pixels a frame", () => {
    const whole = fitted(viewport, second(3600), 30);
    expect(toX(whole, second(3600))).toBeLessThanOrEqual(viewport.width);
    expect(zoomedAt(viewport, 1e9, 0, 30).pixelsPerSecond).toBe(1200);
  });

  it("editor-G3: turns the page only when the playhead leaves it", () => {
    expect(pagedTo(viewport, second(5))).toBe(viewport);
    const paged = pagedTo(viewport, second(10));
    expect(toX(paged, second(10))).toBeCloseTo(100, 0);
  });
});

describe("snapping", () => {
  const extras = { playhead: second(5), rangeIn: null, rangeOut: null };

  it("editor-G4: knows every edge but those that move", () => {
    const points = snapPoints(view, new Set(["three"]), extras);
    expect(points).toContain(second(4));
    expect(points).toContain(second(5));
    expect(points).not.toContain(second(7));
  });

  it("editor-G4: shifts the nearest edge onto a point within reach", () => {
    const points = snapPoints(view, new Set(["three"]), extras);
    const near = snapShift(points, [second(6), second(7)], -TICKS * 0.95, TICKS * 0.08);
    expect(near).toEqual({ by: second(-1), line: second(5) });
    const far = snapShift(points, [second(6)], TICKS * 3, TICKS * 0.08);
    expect(far.line).toBeNull();
  });
});

describe("typed timecodes", () => {
  const where = { rate: { num: 30, den: 1 }, startTc: flicks(0), playhead: second(10) };

  it.each([
    ["1500", 15],
    ["1:30", 1 + 30 / 30],
    ["00:00:04:15", 4.5],
    ["+30", 11],
    ["-15", 9.5],
    ["-999", 0],
  ])("editor-I2: %s is %f s", (typed, expected) => {
    expect(parseTimecode(typed, where)).toBe(second(expected));
  });

  it("editor-I2: never goes before zero", () => {
    expect(parseTimecode("-999", where)).toBe(0);
  });

  it.each(["", "abc", "1:2:3:4:5", "1:-2"])("editor-I2: %s is none", (typed) => {
    expect(parseTimecode(typed, where)).toBeNull();
  });
});

describe("peaks", () => {
  const bytes = (): ArrayBuffer => {
    const pairs = 200;
    const view = new DataView(new ArrayBuffer(12 + (200 + 20 + 2) * 2));
    for (const [at, letter] of [..."CPK1"].entries()) view.setUint8(at, letter.charCodeAt(0));
    view.setUint8(4, 1);
    view.setUint8(5, 3);
    view.setUint16(6, 100, true);
    view.setUint32(8, pairs, true);
    for (let pair = 0; pair < pairs; pair += 1) {
      view.setInt8(12 + pair * 2, -64);
      view.setInt8(13 + pair * 2, pair === 7 ? 127 : 0);
    }
    return view.buffer;
  };

  it("editor-G7: reads the levels and the reach of a stretch", () => {
    const peaks = parsePeaks(bytes());
    expect(peaks?.levels.map((level) => level.pairs)).toEqual([200, 20, 2]);
    expect(peaks?.reach(0, 5, 10)).toEqual([-0.5, 1]);
    expect(peaks?.reach(0, 8, 10)).toEqual([-0.5, 0]);
  });

  it("editor-G7: takes the coarsest level that has a pair for each pixel", () => {
    const peaks = parsePeaks(bytes());
    if (!peaks) throw new Error("no peaks");
    expect(levelFor(peaks, 1.5)).toBe(2);
    expect(levelFor(peaks, 0.2)).toBe(1);
    expect(levelFor(peaks, 0.001)).toBe(0);
  });

  it("editor-G7: refuses other bytes and cut ones", () => {
    expect(parsePeaks(new ArrayBuffer(4))).toBeNull();
    expect(parsePeaks(bytes().slice(0, 100))).toBeNull();
  });
});
