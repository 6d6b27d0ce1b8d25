/** Demuxes and decodes away from the page: stills on request, streams with a bounded ring. */
import { ALL_FORMATS, Input, UrlSource, type VideoSample, VideoSampleSink } from "mediabunny";
import {
  type FromDecoder,
  type MediaAddress,
  RING_FRAMES,
  type ToDecoder,
} from "./decode-protocol";

interface Opened {
  readonly input: Input;
  readonly sink: Promise<VideoSampleSink | null>;
}

const OPEN_MAX = 24; // files kept open; the least recently used is closed

const opened = new Map<string, Opened>();
const streams = new Map<number, Stream>();

const tell = (message: FromDecoder, transfer: Transferable[] = []): void =>
  self.postMessage(message, { transfer });

const open = (url: string): Opened => {
  const known = opened.get(url);
  if (known) {
    opened.delete(url);
    opened.set(url, known);
    return known;
  }
  const input = new Input({ source: new UrlSource(url), formats: ALL_FORMATS });
  const sink = input
    .getPrimaryVideoTrack()
    .then((track) => (track ? new VideoSampleSink(track) : null))
    .catch((error: unknown) => {
      tell({ kind: "failed", url, reason: String(error) });
      return null;
    });
  const entry = { input, sink };
  opened.set(url, entry);
  const oldest = opened.keys().next().value;
  if (opened.size > OPEN_MAX && oldest !== undefined) forget(oldest);
  return entry;
};

const forget = (url: string): void => {
  opened.get(url)?.input.dispose();
  opened.delete(url);
};

const seconds = (media: MediaAddress, pictures: number): number =>
  (pictures * media.den) / media.num;

const toFrame = (sample: VideoSample): VideoFrame => {
  const frame = sample.toVideoFrame();
  sample.close();
  return frame;
};

const sendStill = async (request: number, media: MediaAddress, picture: number): Promise<void> => {
  const sink = await open(media.url).sink;
  const sample = sink ? await sink.getSample(seconds(media, picture + 0.5)) : null;
  const frame = sample ? toFrame(sample) : null;
  tell({ kind: "still", request, frame }, frame ? [frame] : []);
};

/** One run of consecutive pictures; waits while RING_FRAMES of them are not yet taken. */
class Stream {
  #waiting = 0;
  #stopped = false;
  #wake: (() => void) | null = null;

  readonly #id: number;
  readonly #media: MediaAddress;

  constructor(id: number, media: MediaAddress) {
    this.#id = id;
    this.#media = media;
  }

  async run(first: number): Promise<void> {
    const sink = await open(this.#media.url).sink;
    if (sink && !this.#stopped) {
      for await (const sample of sink.samples(seconds(this.#media, first + 0.5))) {
        while (this.#waiting >= RING_FRAMES && !this.#stopped) await this.#room();
        if (this.#stopped) {
          sample.close();
          break;
        }
        this.#send(sample);
      }
    }
    streams.delete(this.#id);
    tell({ kind: "ended", stream: this.#id });
  }

  #send(sample: VideoSample): void {
    const picture = Math.round((sample.timestamp * this.#media.num) / this.#media.den);
    const frame = toFrame(sample);
    this.#waiting += 1;
    tell({ kind: "frame", stream: this.#id, picture, frame }, [frame]);
  }

  taken(): void {
    this.#waiting -= 1;
    this.#wake?.();
  }

  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

const reported =
  (url: string) =>
  (error: unknown): void =>
    tell({ kind: "failed", url, reason: String(error) });

self.onmessage = ({ data }: MessageEvent<ToDecoder>): void => {
  switch (data.kind) {
    case "still":
      sendStill(data.request, data.media, data.picture).catch((error: unknown) => {
        reported(data.media.url)(error);
        tell({ kind: "still", request: data.request, frame: null });
      });
      return;
    case "stream": {
      const stream = new Stream(data.stream, data.media);
      streams.set(data.stream, stream);
      stream.run(data.first).catch((error: unknown) => {
        reported(data.media.url)(error);
        tell({ kind: "ended", stream: data.stream });
      });
      return;
    }
    case "taken":
      streams.get(data.stream)?.taken();
      return;
    case "stop":
      streams.get(data.stream)?.stop();
      return;
    case "forget":
      forget(data.url);
      return;
    default:
      data satisfies never;
  }
};
