/** A language for tests: every word stands in brackets, so that a bare one is seen. */
import { mapWords } from "./merge";

const MODULES = import.meta.glob<Record<string, unknown>>(
  [
    "./*.ts",
    "!./*.test.ts",
    "!./announce.ts",
    "!./language.ts",
    "!./merge.ts",
    "!./pseudo.ts",
    "!./speak.ts",
  ],
  { eager: true },
);

const bracketed = (word: string): string => (word.startsWith("⟦") ? word : `⟦${word}⟧`);

export function bracketAll(): void {
  const seen = new Set<unknown>();
  for (const module of Object.values(MODULES)) {
    for (const value of Object.values(module)) {
      if (typeof value !== "object" || value === null || seen.has(value)) continue;
      seen.add(value);
      if ("format" in value) continue; // formats of numbers and dates are no words
      mapWords(value, bracketed);
    }
  }
}
