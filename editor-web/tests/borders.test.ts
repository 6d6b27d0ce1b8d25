/** A linter that checks nothing says "no violations" too: plant one for each border and see it. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const BIOME = join(ROOT, "node_modules/@biomejs/biome/bin/biome");

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cutroom-borders-"));
  copyFileSync(join(ROOT, "biome.json"), join(folder, "biome.json"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const lintErrors = (files: Readonly<Record<string, string>>): readonly string[] => {
  for (const [path, text] of Object.entries(files)) {
    const whole = join(folder, path);
    mkdirSync(dirname(whole), { recursive: true });
    writeFileSync(whole, text);
  }
  const run = spawnSync(process.execPath, [BIOME, "lint", "--reporter=json", "."], {
    cwd: folder,
    encoding: "utf8",
  });
  const report = JSON.parse(run.stdout) as { diagnostics: { category: string }[] };
  return report.diagnostics.map((diagnostic) => diagnostic.category);
};

const RESTRICTED = "lint/style/noRestrictedImports";

const importing = (path: string, imported: string): readonly string[] =>
  lintErrors({ [path]: `import { x } from "${imported}";\n\nexport const y = x;\n` });

const FORBIDDEN = [
  ["src/timeline-core/a.ts", "react"],
  ["src/timeline-core/a.ts", "yjs"],
  ["src/timeline-core/a.ts", "zod"],
  ["src/timeline-core/a.ts", "@/lib/env"],
  ["src/timeline-core/a.ts", "../collab/document"],
  ["src/features/media/a.ts", "@/features/timeline/view"],
  ["src/features/media/a.ts", "@/app/app"],
  ["src/features/media/deep/a.ts", "../../timeline/view"],
  ["src/lib/a.ts", "@/features/media/bin"],
  ["src/collab/a.ts", "@/app/app"],
  ["src/components/a.ts", "../features/media/bin"],
] as const;

for (const [path, imported] of FORBIDDEN) {
  it(`editor-F1: ${path} must not import ${imported}`, () => {
    expect(importing(path, imported)).toEqual([RESTRICTED]);
  });
}

const ALLOWED = [
  ["src/features/media/a.ts", "@/collab/hooks"],
  ["src/features/media/a.ts", "../media/bin"],
  ["src/app/a.ts", "@/features/media/bin"],
  ["src/collab/a.ts", "@/timeline-core/model"],
] as const;

for (const [path, imported] of ALLOWED) {
  it(`editor-F1: ${path} may import ${imported}`, () => {
    expect(importing(path, imported)).toEqual([]);
  });
}

it("editor-F2: cycles are refused, cycles of types too", () => {
  const errors = lintErrors({
    "src/lib/a.ts": 'import type { B } from "./b";\n\nexport type A = B | 1;\n',
    "src/lib/b.ts": 'import type { A } from "./a";\n\nexport type B = A | 2;\n',
  });
  expect(errors).toContain("lint/suspicious/noImportCycles");
});

const ILL_FORMED = [
  ["src/lib/a.ts", "export default 1;\n", "lint/style/noDefaultExport"],
  ["src/lib/a.ts", "export const a = (b: any): unknown => b;\n", "lint/suspicious/noExplicitAny"],
  ["src/lib/a.ts", 'console.log("here");\n', "lint/suspicious/noConsole"],
  ["src/lib/aB.ts", "export const a = 1;\n", "lint/style/useFilenamingConvention"],
  ["src/lib/a.ts", 'import { A } from "./b";\n\nexport type C = A;\n', "lint/style/useImportType"],
  ["src/lib/a.ts", 'import { A } from "./b";\n', "lint/correctness/noUnusedImports"],
] as const;

for (const [path, text, category] of ILL_FORMED) {
  it(`editor-F3: ${path} gives ${category}`, () => {
    expect(lintErrors({ [path]: text })).toContain(category);
  });
}
