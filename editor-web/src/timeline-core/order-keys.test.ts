import fc from "fast-check";
import { generateNKeysBetween } from "fractional-indexing";
import { expect, it } from "vitest";
import { isOrderKey, keyBetween, keysBetween } from "./order-keys";

/** Keys as people make them: each between two neighbours made before. */
const places = fc.array(fc.nat(), { minLength: 1, maxLength: 40 });

const inserted = (at: readonly number[], between: typeof keyBetween): readonly string[] => {
  const keys: string[] = [];
  for (const place of at) {
    const index = place % (keys.length + 1);
    keys.splice(index, 0, between(keys[index - 1] ?? null, keys[index] ?? null));
  }
  return keys;
};

it("timeline-W13: keys are those that npm fractional-indexing makes", () => {
  fc.assert(
    fc.property(places, fc.integer({ min: 1, max: 9 }), (at, count) => {
      const keys = inserted(at, keyBetween);
      expect([...keys].sort()).toEqual(keys);
      expect(keys.every(isOrderKey)).toBe(true);
      expect(keys).toEqual(
        inserted(at, (left, right) => generateNKeysBetween(left, right, 1)[0] ?? ""),
      );
      const [first = null, second = null] = keys;
      expect(keysBetween(first, second, count)).toEqual(generateNKeysBetween(first, second, count));
    }),
  );
});
