import { describe, expect, it } from "vitest";
import { circleIn } from "../build/no-circles";
import { pageGroup } from "../build/page-groups";

const IMPORTERS: Readonly<Record<string, readonly string[]>> = {
  "/src/collab/session.ts": ["/src/app/editor-page.tsx"],
  "yjs.mjs": ["/src/collab/session.ts", "/src/collab/write-queue.ts"],
  "/src/collab/write-queue.ts": [],
  "/src/components/ui/menu.tsx": ["/src/app/editor.tsx", "/src/app/home-page.tsx"],
  "/src/app/editor.tsx": ["/src/app/editor-page.tsx"],
  "/lucide-react/dist/esm/icons/lock.mjs": ["/src/app/editor.tsx"],
};
const graph = { getModuleInfo: (id: string) => ({ importers: IMPORTERS[id] ?? [] }) };

describe("scripts of pages", () => {
  it.each([
    ["yjs.mjs", "editor"],
    ["/src/components/ui/menu.tsx", "shared"],
    ["/src/collab/write-queue.ts", null],
    ["/src/app/editor-page.tsx", null],
    ["/lucide-react/dist/esm/icons/lock.mjs", null],
  ])("%s goes into %s", (id, group) => {
    expect(pageGroup(id, graph)).toBe(group);
  });

  it.each([
    ["a circle", { a: ["b"], b: ["c"], c: ["b"] }, ["b", "c", "b"]],
    ["two ways to one script", { a: ["b", "c"], b: ["c"], c: [] }, null],
  ])("%s", (_name, imports, circle) => {
    expect(circleIn(new Map(Object.entries(imports)))).toEqual(circle);
  });
});
