import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { docsUi } from "./build/docs-ui.ts";
import { precompress } from "./build/precompress.ts";

const SERVER = "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react(), tailwindcss(), docsUi(), precompress()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: { target: "es2022", sourcemap: false, reportCompressedSize: false },
  server: {
    proxy: {
      "/api": { target: SERVER },
      "/collab": { target: SERVER, ws: true },
    },
  },
});
