/** Decoded sound of proxies, in chunks of a second, the least recently heard dropped. */
import { ALL_FORMATS, AudioBufferSink, Input, UrlSource } from "mediabunny";
import { type Block, type Need, type Samples, silence } from "./mix";
import { SAMPLE_RATE } from "./sound-plan";

const CHUNK = SAMPLE_RATE;
const CHUNKS_MAX = 150; // 58 MB
const OPEN_MAX = 16;
const PRE_ROLL_SECONDS = 0.1; // a decoder needs some packets until its sound is whole
const CACHE_BYTES_MAX = 8 << 20; // of each open file
const RETRIES_MAX = 2;
const RETRY_SECONDS = 0.5;
const RETRY_MS = 5_000; // a file that could not be read is silent for so long

interface Opened {
  readonly input: Input;
  readonly sink: Promise<AudioBufferSink | null>;
}

export class PcmCache implements Samples {
  readonly #chunks = new Map<string, Block>();
  readonly #loading = new Map<string, Promise<void>>();
  readonly #opened = new Map<string, Opened>();
  readonly #failedAt = new Map<string, number>();

  /** Decodes what is needed; resolves when it can be read, or cannot be had. */
  async ready(needs: readonly Need[]): Promise<void> {
    const waits = needs.flatMap(({ url, start, count }) => {
      const chunks: Promise<void>[] = [];
      const last = Math.floor((start + count - 1) / CHUNK);
      for (let chunk = Math.max(0, Math.floor(start / CHUNK)); chunk <= last; chunk += 1)
        chunks.push(this.#chunk(url, chunk));
      return chunks;
    });
    await Promise.all(waits);
  }

  /** Whether `ready` would have nothing to do. */
  has(needs: readonly Need[]): boolean {
    return needs.every(({ url, start, count }) => {
      const last = Math.floor((start + count - 1) / CHUNK);
      for (let chunk = Math.max(0, Math.floor(start / CHUNK)); chunk <= last; chunk += 1)
        if (!this.#chunks.has(keyOf(url, chunk)) && !this.#isResting(url)) return false;
      return true;
    });
  }

  read = (url: string, start: number, count: number): Block => {
    const out = silence(count);
    const end = start + count;
    for (let chunk = Math.floor(start / CHUNK); chunk * CHUNK < end; chunk += 1) {
      const found = this.#chunks.get(keyOf(url, chunk));
      if (!found) continue;
      const low = Math.max(start, chunk * CHUNK);
      const high = Math.min(end, (chunk + 1) * CHUNK);
      for (const side of [0, 1] as const)
        out[side].set(found[side].subarray(low - chunk * CHUNK, high - chunk * CHUNK), low - start);
    }
    return out;
  };

  dispose(): void {
    for (const { input } of this.#opened.values()) input.dispose();
    this.#opened.clear();
    this.#chunks.clear();
  }

  #isResting(url: string): boolean {
    const at = this.#failedAt.get(url);
    return at !== undefined && performance.now() - at < RETRY_MS;
  }

  #chunk(url: string, chunk: number): Promise<void> {
    const key = keyOf(url, chunk);
    const known = this.#chunks.get(key);
    if (known) {
      this.#chunks.delete(key);
      this.#chunks.set(key, known);
      return Promise.resolve();
    }
    if (this.#isResting(url)) return Promise.resolve();
    const running = this.#loading.get(key) ?? this.#load(url, chunk);
    this.#loading.set(key, running);
    return running;
  }

  async #load(url: string, chunk: number): Promise<void> {
    const key = keyOf(url, chunk);
    try {
      this.#keep(key, await this.#decoded(url, chunk));
    } catch {
      // Silent, and opened anew later; the picture of the same file says what is wrong.
      this.#failedAt.set(url, performance.now());
      this.#opened.get(url)?.input.dispose();
      this.#opened.delete(url);
    } finally {
      this.#loading.delete(key);
    }
  }

  async #decoded(url: string, chunk: number): Promise<Block> {
    const block = silence(CHUNK);
    const sink = await this.#open(url);
    if (!sink) return block;
    const first = chunk * CHUNK;
    // Below zero too: what an encoder puts in front is needed to decode the first samples.
    const from = first / SAMPLE_RATE - PRE_ROLL_SECONDS;
    for await (const { buffer, timestamp } of sink.buffers(from, (first + CHUNK) / SAMPLE_RATE)) {
      copy(buffer, Math.round(timestamp * SAMPLE_RATE) - first, block);
    }
    return block;
  }

  #keep(key: string, block: Block): void {
    this.#chunks.set(key, block);
    const oldest = this.#chunks.keys().next().value;
    if (this.#chunks.size > CHUNKS_MAX && oldest !== undefined) this.#chunks.delete(oldest);
  }

  #open(url: string): Promise<AudioBufferSink | null> {
    const known = this.#opened.get(url);
    if (known) {
      this.#opened.delete(url);
      this.#opened.set(url, known);
      return known.sink;
    }
    const input = new Input({
      source: new UrlSource(url, {
        getRetryDelay: (attempts) => (attempts < RETRIES_MAX ? RETRY_SECONDS : null),
        maxCacheSize: CACHE_BYTES_MAX,
      }),
      formats: ALL_FORMATS,
    });
    const sink = input
      .getPrimaryAudioTrack()
      .then((track) => (track ? new AudioBufferSink(track) : null));
    this.#opened.set(url, { input, sink });
    const oldest = this.#opened.keys().next().value;
    if (this.#opened.size > OPEN_MAX && oldest !== undefined) {
      this.#opened.get(oldest)?.input.dispose();
      this.#opened.delete(oldest);
    }
    return sink;
  }
}

const keyOf = (url: string, chunk: number): string => `${url}#${chunk}`;

/** Copies what of a buffer falls into a block; `at` is where its first sample goes. */
const copy = (buffer: AudioBuffer, at: number, block: Block): void => {
  const low = Math.max(0, -at);
  const high = Math.min(buffer.length, block[0].length - at);
  if (low >= high) return;
  for (const side of [0, 1] as const) {
    const channel = buffer.getChannelData(Math.min(side, buffer.numberOfChannels - 1));
    block[side].set(channel.subarray(low, high), at + low);
  }
};
