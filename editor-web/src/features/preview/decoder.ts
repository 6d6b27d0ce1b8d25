/** The page's side of the decoding worker: promises for stills, rings for streams. */
import type { FromDecoder, MediaAddress, ToDecoder } from "./decode-protocol";

export interface StreamReader {
  /** The ring's best picture for `picture`, still owned by the ring; null when not decoded yet. */
  readonly at: (picture: number) => VideoFrame | null;
  /** First and last picture that the ring could still give. */
  readonly covers: (picture: number) => boolean;
  readonly close: () => void;
}

interface Ring {
  readonly frames: { readonly picture: number; readonly frame: VideoFrame }[];
  readonly first: number;
  ended: boolean;
}

/** How far ahead of the ring a wish may lie before a new stream is cheaper than waiting. */
const REACH_PICTURES = 24;

export class Decoder {
  readonly #worker = new Worker(new URL("./decode.worker.ts", import.meta.url), {
    type: "module",
  });
  readonly #stills = new Map<number, (frame: VideoFrame | null) => void>();
  readonly #rings = new Map<number, Ring>();
  readonly #failed = new Map<string, string>();
  #next = 1;

  /** `onArrival` is called whenever a picture has come that somebody may be waiting for. */
  readonly #onArrival: () => void;

  constructor(onArrival: () => void) {
    this.#onArrival = onArrival;
    this.#worker.onmessage = ({ data }: MessageEvent<FromDecoder>) => this.#hear(data);
  }

  /** Why an address could not be decoded, or undefined. */
  failure(url: string): string | undefined {
    return this.#failed.get(url);
  }

  openFrames(): number {
    let count = 0;
    for (const ring of this.#rings.values()) count += ring.frames.length;
    return count;
  }

  /** One picture; the caller closes it. */
  still(media: MediaAddress, picture: number): Promise<VideoFrame | null> {
    const request = this.#next++;
    this.#say({ kind: "still", request, media, picture });
    return new Promise((resolve) => {
      this.#stills.set(request, resolve);
    });
  }

  /** Pictures from `first` on, decoded a ring ahead. */
  stream(media: MediaAddress, first: number): StreamReader {
    const id = this.#next++;
    const ring: Ring = { frames: [], first, ended: false };
    this.#rings.set(id, ring);
    this.#say({ kind: "stream", stream: id, media, first });
    return {
      at: (picture) => this.#take(id, ring, picture),
      covers: (picture) => covers(ring, picture),
      close: () => this.#close(id, ring),
    };
  }

  dispose(): void {
    for (const [id, ring] of this.#rings) this.#close(id, ring);
    this.#worker.terminate();
    for (const resolve of this.#stills.values()) resolve(null);
    this.#stills.clear();
  }

  #take(id: number, ring: Ring, picture: number): VideoFrame | null {
    while (ring.frames.length > 1 && (ring.frames[1]?.picture ?? Infinity) <= picture) {
      ring.frames.shift()?.frame.close();
      this.#say({ kind: "taken", stream: id });
    }
    const head = ring.frames[0];
    return head && head.picture <= picture ? head.frame : null;
  }

  #close(id: number, ring: Ring): void {
    if (!this.#rings.delete(id)) return;
    for (const { frame } of ring.frames.splice(0)) frame.close();
    this.#say({ kind: "stop", stream: id });
  }

  #hear(message: FromDecoder): void {
    switch (message.kind) {
      case "still": {
        const resolve = this.#stills.get(message.request);
        this.#stills.delete(message.request);
        if (resolve) resolve(message.frame);
        else message.frame?.close();
        return;
      }
      case "frame": {
        const ring = this.#rings.get(message.stream);
        if (ring) ring.frames.push({ picture: message.picture, frame: message.frame });
        else message.frame.close();
        this.#onArrival();
        return;
      }
      case "ended": {
        const ring = this.#rings.get(message.stream);
        if (ring) ring.ended = true;
        return;
      }
      case "failed":
        this.#failed.set(message.url, message.reason);
        this.#onArrival();
        return;
      default:
        message satisfies never;
    }
  }

  #say(message: ToDecoder): void {
    this.#worker.postMessage(message);
  }
}

const covers = (ring: Ring, picture: number): boolean => {
  const head = ring.frames[0]?.picture ?? ring.first;
  const tail = ring.frames.at(-1)?.picture ?? ring.first;
  if (picture < Math.min(head, ring.first)) return false;
  if (picture < head) return false;
  return ring.ended || picture <= tail + REACH_PICTURES;
};
