import { describe, expect, it } from "vitest";
import { PAIRS, putGerman } from "./de/german";
import { language } from "./language";
import { mapWords, missing, put } from "./merge";
import { say } from "./screens";
import { speak } from "./speak";

/**
 * Words that are the same in every language, made of words that are translated, or in films as well.
 */
const SHARED =
  /^(say\.(command|commandGroup)\.|say\.common\.(moment|ago)$|previewText\.slate\.|sayExports\.(progress|left)$|sayCredits\.(money|signed)$)/;
const YOUNG_MAX = 40; // words that came after the last translation and are shown in English meanwhile

describe("languages", () => {
  it("editor-T4: say everything in German too, but for a few young words", () => {
    const left = PAIRS.flatMap(([name, english, german]) =>
      missing(english, german, `${name}.`).filter((path) => !SHARED.test(path)),
    );
    expect(left.length, left.join(", ")).toBeLessThanOrEqual(YOUNG_MAX);
  });

  it("editor-T4: have no word that English does not have", () => {
    const strangers = PAIRS.flatMap(([name, english, german]) =>
      missing(german, english, `${name}.`),
    );
    expect(strangers).toEqual([]);
  });

  it("editor-T4: put words in place, for those who hold them already", () => {
    const words = { a: "one", deep: { b: "two", c: "three" } };
    const held = words.deep;
    put(words, { deep: { b: "zwei" } });
    expect(held).toEqual({ b: "zwei", c: "three" });
  });

  it("editor-T4: bracket every word, those made of arguments too", () => {
    const words = { a: "one", many: (count: number) => `${count} of them`, rows: [["x", "y"]] };
    mapWords(words, (word) => `[${word}]`);
    expect([words.a, words.many(2), words.rows]).toEqual([
      "[one]",
      "[2 of them]",
      [["[x]", "[y]"]],
    ]);
  });

  it("editor-T4: stay English where the language is none", async () => {
    await speak("klingon");
    expect(language()).toBe("en");
    expect(say.top.share).toBe("Share");
  });

  it("editor-T4: speak German after it was chosen, numbers included", async () => {
    putGerman();
    await speak("de").catch(() => undefined); // there is no page to name its language on
    expect(say.top.share).toBe("Teilen");
    expect(say.command["edit.split"]).toBe("Am Abspielkopf teilen");
    expect(say.timeline.seconds(1.5)).toBe("1,5 s");
  });
});
