/** Puts what the editor draws first into few scripts: many small ones zip worse, and each is a request. */

const EDITOR = "/src/app/editor-page.tsx";
const SMALL_PAGES = [
  "home-page",
  "sign-in-page",
  "credits-page",
  "account-page",
  "workspace-page",
].map((page) => `/src/app/${page}.tsx`);
/** The list of all icons imports every one: who draws which is known to the bundler alone, who shares out these. */
export const ICONS = /lucide-react\/dist\/esm\/icons\//;

type ModuleGraph = {
  getModuleInfo(id: string): { readonly importers: readonly string[] } | null;
};

/**
 * The script of a module that the editor imports statically: `editor`, or `shared` where a small
 * page does so too, which must not wait for the whole editor. Null for all others, and for the page
 * itself: it is fetched by its own script, which the bundler leaves without exports where it is moved.
 */
export function pageGroup(id: string, graph: ModuleGraph): string | null {
  if (ICONS.test(id) || id.endsWith(EDITOR)) return null;
  const above = withImporters(id, graph);
  const of = (page: string) => above.some((importer) => importer.endsWith(page));
  if (!of(EDITOR)) return null;
  return SMALL_PAGES.some(of) ? "shared" : "editor";
}

/** The module and all that import it, over any number of static imports. */
function withImporters(id: string, graph: ModuleGraph): readonly string[] {
  const found = new Set([id]);
  for (const module of found) {
    for (const importer of graph.getModuleInfo(module)?.importers ?? []) found.add(importer);
  }
  return [...found];
}
