import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { docsUi } from "./build/docs-ui.ts";
import { precompress } from "./build/precompress.ts";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const SERVER = "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react(), tailwindcss(), docsUi(), precompress()],
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
      output: { codeSplitting: { groups: [{ name: "first", tags: ["$initial"] }] } },
    },
  },
  server: {
    proxy: {
      "/api": { target: SERVER },
      "/collab": { target: SERVER, ws: true },
    },
  },
});
