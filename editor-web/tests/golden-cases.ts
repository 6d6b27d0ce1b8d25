/** Reads `tests/golden/<area>/*.json` of the repository. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "@/timeline-core/model";

export interface GoldenCase {
  readonly name: string;
  readonly rule: string;
  readonly given: Readonly<Record<string, Json>>;
  readonly when: Readonly<Record<string, Json>>;
  readonly then: Json;
}

const FOLDER = join(import.meta.dirname, "../../tests/golden");

export const goldenCases = (area: string): readonly GoldenCase[] =>
  readdirSync(join(FOLDER, area))
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => ({
      ...(JSON.parse(readFileSync(join(FOLDER, area, file), "utf8")) as Omit<GoldenCase, "name">),
      name: file.replace(/\.json$/, ""),
    }));
