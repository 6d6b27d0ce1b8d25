/** Fails the build where scripts import each other in a circle: one of them would run without the other. */
import type { Plugin, Rolldown } from "vite";

export const noCircles = (): Plugin => ({
  name: "cutroom:no-circles",
  apply: "build",
  generateBundle(_options, bundle) {
    const imports = new Map(
      Object.values(bundle)
        .filter((output): output is Rolldown.OutputChunk => output.type === "chunk")
        .map(({ fileName, imports }) => [fileName, imports]),
    );
    const circle = circleIn(imports);
    if (circle !== null) this.error(`scripts import each other: ${circle.join(" > ")}`);
  },
});

/** The first circle of static imports as a path, or null. */
export function circleIn(
  imports: ReadonlyMap<string, readonly string[]>,
): readonly string[] | null {
  const seen = new Set<string>();
  const from = (file: string, path: readonly string[]): readonly string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (seen.has(file)) return null;
    seen.add(file);
    for (const next of imports.get(file) ?? []) {
      const circle = from(next, [...path, file]);
      if (circle !== null) return circle;
    }
    return null;
  };
  for (const file of imports.keys()) {
    const circle = from(file, []);
    if (circle !== null) return circle;
  }
  return null;
}
