/** The page's side of the decoding worker: stills as they come, streams as rings. */
import type { FromDecoder, MediaAddress, ToDecoder } from "./decode-protocol";
import { Ring } from "./ring";

export interface StreamReader {
  readonly at: Ring<VideoFrame>["at"];
  readonly covers: Ring<VideoFrame>["covers"];
  readonly close: () => void;
}

/** What the decoder needs of a worker; tests give another. */
export interface DecodeWorker {
  onmessage: ((event: MessageEvent<FromDecoder>) => void) | null;
  postMessage(message: ToDecoder): void;
  terminate(): void;
}

interface StillRequest {
  readonly onFrame: (picture: number, frame: VideoFrame) => void;
  readonly onDone: () => void;
}

const RETRY_MS = 5_000; // a file that could not be read is tried again after this

export const startDecodeWorker = (): DecodeWorker =>
  new Worker(new URL("./decode.worker.ts", import.meta.url), { type: "module" });

export class Decoder {
  readonly #worker: DecodeWorker;
  readonly #stills = new Map<number, StillRequest>();
  readonly #rings = new Map<number, Ring<VideoFrame>>();
  readonly #failed = new Map<string, { readonly reason: string; readonly at: number }>();
  #retry: ReturnType<typeof setTimeout> | undefined;
  #next = 1;

  /** `onArrival` is called whenever a picture has come that somebody may be waiting for. */
  readonly #onArrival: () => void;

  constructor(onArrival: () => void, worker: DecodeWorker) {
    this.#onArrival = onArrival;
    this.#worker = worker;
    this.#worker.onmessage = ({ data }) => this.#hear(data);
  }

  /** Why an address could not be decoded just now, or undefined. */
  failure(url: string): string | undefined {
    const failure = this.#failed.get(url);
    if (!failure || performance.now() - failure.at < RETRY_MS) return failure?.reason;
    this.#failed.delete(url);
    return undefined;
  }

  openFrames(): number {
    let count = 0;
    for (const ring of this.#rings.values()) count += ring.size;
    return count;
  }

  /** Decodes `count` pictures from `picture` on; whom each is given to closes it. */
  stills(
    media: MediaAddress,
    picture: number,
    count: number,
    onFrame: StillRequest["onFrame"],
  ): Promise<void> {
    const request = this.#next++;
    return new Promise((onDone) => {
      this.#stills.set(request, { onFrame, onDone });
      this.#say({ kind: "still", request, media, picture, count });
    });
  }

  /** Pictures from `first` on, decoded a ring ahead. */
  stream(media: MediaAddress, first: number): StreamReader {
    const id = this.#next++;
    const ring = new Ring<VideoFrame>(first, () => this.#say({ kind: "taken", stream: id }));
    this.#rings.set(id, ring);
    this.#say({ kind: "stream", stream: id, media, first });
    return {
      at: (picture) => ring.at(picture),
      covers: (picture) => ring.covers(picture),
      close: () => this.#close(id),
    };
  }

  dispose(): void {
    clearTimeout(this.#retry);
    for (const id of [...this.#rings.keys()]) this.#close(id);
    this.#worker.onmessage = ({ data }) => {
      if (data.kind === "frame" || data.kind === "still") data.frame.close();
    };
    this.#worker.terminate();
    for (const { onDone } of this.#stills.values()) onDone();
    this.#stills.clear();
  }

  #close(id: number): void {
    this.#rings.get(id)?.clear();
    if (this.#rings.delete(id)) this.#say({ kind: "stop", stream: id });
  }

  #hear(message: FromDecoder): void {
    switch (message.kind) {
      case "still": {
        const request = this.#stills.get(message.request);
        if (request) request.onFrame(message.picture, message.frame);
        else message.frame.close();
        return;
      }
      case "stills-done":
        this.#stills.get(message.request)?.onDone();
        this.#stills.delete(message.request);
        return;
      case "frame": {
        const ring = this.#rings.get(message.stream);
        if (ring) ring.push(message.picture, message.frame);
        else message.frame.close();
        this.#onArrival();
        return;
      }
      case "ended":
        this.#rings.get(message.stream)?.end();
        return;
      case "failed":
        this.#fail(message.url, message.reason);
        return;
      default:
        message satisfies never;
    }
  }

  /** The file is opened anew later: a session may have been renewed, a file mended. */
  #fail(url: string, reason: string): void {
    this.#failed.set(url, { reason, at: performance.now() });
    this.#say({ kind: "forget", url });
    clearTimeout(this.#retry);
    this.#retry = setTimeout(this.#onArrival, RETRY_MS + 50);
    this.#onArrival();
  }

  #say(message: ToDecoder): void {
    this.#worker.postMessage(message);
  }
}
