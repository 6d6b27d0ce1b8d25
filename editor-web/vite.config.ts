import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { docsUi } from "./build/docs-ui.ts";
import { noCircles } from "./build/no-circles.ts";
import { ICONS, pageGroup } from "./build/page-groups.ts";
import { precompress } from "./build/precompress.ts";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const SERVER = "http://127.0.0.1:8000";

const only = (wanted: string, group: string | null): string | null =>
  group === wanted ? group : null;

export default defineConfig({
  plugins: [react(), tailwindcss(), docsUi(), noCircles(), precompress()],
  resolve: {
    alias: {
      "@": at("./src"),
      // The one for browsers draws consoles on the page, and brings 15 kB that nobody here sees.
      "lib0/logging": at("./node_modules/lib0/logging.node.js"),
    },
  },
  build: {
    target: "es2022",
    sourcemap: false,
    reportCompressedSize: false,
    manifest: true,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          // Each takes along what its modules import: scripts in a circle find each other half made.
          groups: [
            { name: "first", tags: ["$initial"], priority: 3 },
            { name: "icons", test: ICONS, minShareCount: 2, priority: 2 },
            { name: (id, graph) => only("shared", pageGroup(id, graph)), priority: 2 },
            { name: (id, graph) => only("editor", pageGroup(id, graph)), priority: 1 },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      "/api": { target: SERVER },
      "/collab": { target: SERVER, ws: true },
    },
  },
});
