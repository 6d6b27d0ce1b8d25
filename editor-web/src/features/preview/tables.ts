/** Look-up tables by address, fetched as the signed-in person; they are small and few. */
import { SIDE } from "./cube";

const BYTES = 2 * 3 * SIDE ** 3;
const RETRY_MS = 5_000;

export class TableShelf {
  readonly #tables = new Map<string, Uint16Array>();
  readonly #loading = new Set<string>();
  readonly #failedAt = new Map<string, number>();
  readonly #onArrival: () => void;

  constructor(onArrival: () => void) {
    this.#onArrival = onArrival;
  }

  failed(url: string): boolean {
    const at = this.#failedAt.get(url);
    return at !== undefined && performance.now() - at < RETRY_MS;
  }

  /** The table if it is here; else it is on its way. */
  at(url: string): Uint16Array | null {
    const known = this.#tables.get(url) ?? null;
    if (known === null && !this.#loading.has(url) && !this.failed(url)) void this.#load(url);
    return known;
  }

  async #load(url: string): Promise<void> {
    this.#loading.add(url);
    try {
      this.#tables.set(url, await fetched(url));
    } catch {
      this.#failedAt.set(url, performance.now()); // the picture stays without it
    } finally {
      this.#loading.delete(url);
      this.#onArrival();
    }
  }
}

const fetched = async (url: string): Promise<Uint16Array> => {
  const answer = await fetch(url, { credentials: "same-origin" });
  const bytes = await answer.arrayBuffer();
  if (!answer.ok || bytes.byteLength !== BYTES) throw new Error(`${url}: no look-up table`);
  return new Uint16Array(bytes); // both sides of the wire are little-endian
};
