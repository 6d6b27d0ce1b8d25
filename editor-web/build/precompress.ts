/** Writes a `.gz` and a `.br` beside every text file of the build: Brotli 11 on the fly costs seconds. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Plugin } from "vite";

const TEXT = /\.(?:css|html|js|json|map|mjs|svg|txt|wasm|webmanifest)$/;
const BYTES_MIN = 1024; // below that the header eats the gain

const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

const compressed = async (path: string): Promise<void> => {
  const plain = await readFile(path);
  if (plain.byteLength < BYTES_MIN) return;
  const options = {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: plain.byteLength,
    },
  };
  await writeFile(`${path}.br`, await brotli(plain, options));
  await writeFile(`${path}.gz`, await zip(plain, { level: constants.Z_BEST_COMPRESSION }));
};

export const precompress = (): Plugin => ({
  name: "cutroom:precompress",
  apply: "build",
  async writeBundle({ dir }) {
    if (dir === undefined) return;
    const entries = await readdir(dir, { recursive: true, withFileTypes: true });
    const paths = entries
      .filter((entry) => entry.isFile() && TEXT.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name));
    await Promise.all(paths.map(compressed));
  },
});
