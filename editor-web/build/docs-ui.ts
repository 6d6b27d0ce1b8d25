/** Puts the page of `/api/docs` into `docs-ui/` of the build, so that it needs no other host. */
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const OURS = fileURLToPath(new URL("./docs-ui", import.meta.url));
const SWAGGER = dirname(fileURLToPath(import.meta.resolve("swagger-ui-dist/package.json")));
const FILES = [
  join(OURS, "index.html"),
  join(OURS, "start.js"),
  join(SWAGGER, "swagger-ui.css"),
  join(SWAGGER, "swagger-ui-bundle.js"),
  join(SWAGGER, "swagger-ui-bundle.js.LICENSE.txt"),
  join(SWAGGER, "LICENSE"),
  join(SWAGGER, "NOTICE"),
];

const fileName = (path: string): string => `docs-ui/${basename(path)}`;

export const docsUi = (): Plugin => ({
  name: "cutroom:docs-ui",
  apply: "build",
  async generateBundle() {
    for (const path of FILES) {
      this.emitFile({ type: "asset", fileName: fileName(path), source: await readFile(path) });
    }
  },
});
