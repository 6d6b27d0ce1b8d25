import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { canonicalSpec, drawnTextSpec, rasterScale, wordRange } from "./text-spec";

it("editor-T1: both languages build the same spec and so the same key", () => {
  const style = {
    font_size: 0.0715,
    line_height: 1.2,
    color_fg: "#FFaa00",
    italic: true,
    shadow_x: -0.0000005,
  };
  const spec = drawnTextSpec('Grüß 𝄞 שלום \u2028\n"x"', style, {
    width: 1920,
    height: 1080,
    rasterScale: 2,
    fonts: ["b", "a"],
    highlight: [1, 3],
  });
  const key = createHash("sha256").update(canonicalSpec(spec), "utf8").digest("hex");
  expect(key).toBe("d9318de7504987b13f5fbc9e27a3688794fd0a4e8fa19490e1fcdf199c0f0162");
});

it("editor-T1: words are found in order, in code points", () => {
  expect(wordRange("𝄞 a b a", ["a", "x", "a"], 2)).toEqual([6, 7]);
  expect(wordRange("𝄞 a b a", ["a", "x", "a"], 1)).toBeNull();
});

it("editor-T1: a text is drawn as large as it is shown", () => {
  expect([0.5, 1, 1.1, 2, 3, 9].map((scale) => rasterScale(scale, 1080, 1080))).toEqual([
    1, 1, 2, 2, 4, 4,
  ]);
});
