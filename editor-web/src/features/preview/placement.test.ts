import { describe, expect, it } from "vitest";
import type { Props } from "@/timeline-core/resolved";
import { goldenCases } from "../../../tests/golden-cases";
import { placed, type Subject } from "./placement";

interface GivenPicture {
  readonly width: number;
  readonly height: number;
  readonly video?: boolean;
  readonly frame?: readonly [number, number];
  readonly offset?: readonly [number, number];
  readonly pixel?: number;
  readonly is_text?: boolean;
  readonly font_size?: number;
}

interface Answer {
  readonly crop: readonly number[];
  readonly flip: string;
  readonly quad: readonly number[];
}

const subjectOf = (given: GivenPicture): Subject => {
  const [width, height] = given.frame ?? [given.width, given.height];
  const [x, y] = given.offset ?? [0, 0];
  return {
    width: given.width,
    height: given.height,
    frame: { width, height },
    x,
    y,
    pixel: given.pixel ?? 1,
    isText: given.is_text ?? false,
    fontSize: given.font_size ?? 0,
    cropsEven: given.video ?? false,
  };
};

describe("editor-V6: pictures stand where the film's planner puts them", () => {
  for (const { name, given, when, then } of goldenCases("placement")) {
    it(`editor-V6: ${name}`, () => {
      const [width, height] = given["canvas"] as unknown as [number, number];
      const subject = subjectOf(given["picture"] as unknown as GivenPicture);
      const shift = when["shift"] as [number, number] | undefined;
      const options = shift ? { moves: true, shift } : {};
      for (const [index, props] of (given["props"] as unknown as Props[]).entries()) {
        const expected = (then as unknown as (Answer | null)[])[index];
        const found = placed(props, subject, { width, height }, options);
        if (!found || !expected) {
          expect(found).toBe(expected);
          continue;
        }
        expect(found.crop).toEqual(expected.crop);
        expect(`${found.flipH ? "h" : ""}${found.flipV ? "v" : ""}`).toBe(expected.flip);
        for (const [corner, value] of expected.quad.entries())
          expect(found.quad[corner]).toBeCloseTo(value, 5);
      }
    });
  }
});
