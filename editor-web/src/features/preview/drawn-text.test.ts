import { describe, expect, it } from "vitest";
import { layers } from "@/timeline-core/layers";
import { documentFromJson, type JsonObject } from "@/timeline-core/model";
import { onFrames } from "@/timeline-core/on-frames";
import { resolve } from "@/timeline-core/resolve";
import { frames, TICKS } from "@/timeline-core/time";
import { SpanIndex, slateText, specOf, wantedText } from "./drawn-text";
import { wipeStops } from "./painting";

const shown = (clips: JsonObject, cues: JsonObject, frame: number) => {
  const document = documentFromJson({
    meta: { main_sequence: "s" },
    sequences: { s: { name: "Main", order: "a0" } },
    tracks: {
      v1: { sequence: "s", kind: "video", order: "a0" },
      cc: { sequence: "s", kind: "caption", order: "a1" },
    },
    clips,
    cues,
  });
  const film = onFrames(resolve(document, new Map()), 30, 1);
  const index = new SpanIndex(film);
  return layers(film, frames(frame)).map((layer) => wantedText(layer, index.span(layer.clip)));
};

const title = (more: JsonObject): JsonObject => ({
  c: { track: "v1", kind: "title", start: 0, duration: 4 * TICKS, text: "Hello", ...more },
});

describe("editor-V11: texts are asked for as the film's are", () => {
  it("editor-V11: one bitmap serves a whole animation, drawn at its largest", () => {
    const clip = title({
      "kf:font_size:a": [0, 0.05, "linear"],
      "kf:font_size:b": [TICKS, 0.2, "linear"],
      "kf:scale_x:a": [0, 1, "linear"],
      "kf:scale_x:b": [TICKS, 1.5, "linear"],
    });
    const [early] = shown(clip, {}, 3);
    const [late] = shown(clip, {}, 90);
    expect(early).toEqual(late);
    expect(early).toMatchObject({ text: "Hello", fontSize: 0.2, scale: 1.5 });
    const spec = early && specOf(early, { width: 1920, height: 1080 }, 1080, ["f"]);
    expect(spec).toMatchObject({ font_size: 200_000, raster_scale: 2, fonts: ["f"] });
  });

  it("editor-V11: the word being said is highlighted, in the style of clip and cue", () => {
    const clips = {
      k: { track: "cc", kind: "captions", start: 0, duration: 4 * TICKS, align: "left" },
    };
    const words = [
      [0, TICKS, "one"],
      [TICKS, TICKS, "two"],
    ];
    const cues = {
      q: { clip: "k", t: 0, duration: 3 * TICKS, text: "one two", words, color_fg: "#ff0000" },
    };
    expect(shown(clips, cues, 45)).toMatchObject([
      { highlight: [4, 7], style: { align: "left", color_fg: "#ff0000" } },
    ]);
    expect(shown(clips, cues, 75)).toMatchObject([{ highlight: null }]);
  });

  it("editor-V11: empty texts are not drawn, slates say name and reason", () => {
    expect(shown(title({ text: "  \n" }), {}, 3)).toEqual([null]);
    expect(slateText("x".repeat(200), "missing", undefined).text).toBe(
      `${"x".repeat(120)}\nmissing`,
    );
  });

  it("editor-V11: the edge of a wipe is as soft at both ends as in the middle", () => {
    expect(wipeStops(0.5, 0.2)).toEqual([
      [expect.closeTo(0.4), 1],
      [expect.closeTo(0.6), expect.closeTo(0)],
    ]);
    expect(wipeStops(0.05, 0.2)).toEqual([
      [0, expect.closeTo(0.3)],
      [expect.closeTo(0.06), expect.closeTo(0)],
    ]);
    expect(wipeStops(1, 0.2)).toEqual([
      [1, expect.closeTo(1)],
      [1, expect.closeTo(1)],
    ]);
  });
});
