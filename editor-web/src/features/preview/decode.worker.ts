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
  readonly track: Promise<Track>;
}

interface Track {
  readonly sink: VideoSampleSink;
  /** Seconds at which picture 0 is shown. */
  readonly start: number;
}

const OPEN_MAX = 24; // files kept open; the least recently used is closed
const CACHE_BYTES_MAX = 16 << 20; // of each of them
const RETRIES_MAX = 2;
const RETRY_SECONDS = 0.5;

const opened = new Map<string, Opened>();
const streams = new Map<number, Stream>();

const tell = (message: FromDecoder, transfer: Transferable[] = []): void =>
  self.postMessage(message, { transfer });

const open = (url: string): Promise<Track> => {
  const known = opened.get(url);
  if (known) {
    opened.delete(url);
    opened.set(url, known);
    return known.track;
  }
  const input = new Input({
    source: new UrlSource(url, {
      getRetryDelay: (attempts) => (attempts < RETRIES_MAX ? RETRY_SECONDS : null),
      maxCacheSize: CACHE_BYTES_MAX,
    }),
    formats: ALL_FORMATS,
  });
  const track = trackOf(input);
  opened.set(url, { input, track });
  const oldest = opened.keys().next().value;
  if (opened.size > OPEN_MAX && oldest !== undefined) forget(oldest);
  return track;
};

const trackOf = async (input: Input): Promise<Track> => {
  const track = await input.getPrimaryVideoTrack();
  if (!track) throw new Error("no picture in it");
  if (!(await track.canDecode())) throw new Error("no decoder for it");
  return { sink: new VideoSampleSink(track), start: await track.getFirstTimestamp() };
};

const forget = (url: string): void => {
  opened.get(url)?.input.dispose();
  opened.delete(url);
};

const failed = (url: string, error: unknown): void =>
  tell({ kind: "failed", url, reason: error instanceof Error ? error.message : String(error) });

/** The middle of a picture's time: no rounding moves it to a neighbour. */
const secondsOf = (track: Track, media: MediaAddress, picture: number): number =>
  track.start + ((picture + 0.5) * media.den) / media.num;

const numberOf = (track: Track, media: MediaAddress, sample: VideoSample): number =>
  Math.round(((sample.timestamp - track.start) * media.num) / media.den);

const toFrame = (sample: VideoSample): VideoFrame => {
  const frame = sample.toVideoFrame();
  sample.close();
  return frame;
};

const sendStills = async (
  request: number,
  media: MediaAddress,
  first: number,
  count: number,
): Promise<void> => {
  const track = await open(media.url);
  const times = Array.from({ length: count }, (_, index) => secondsOf(track, media, first + index));
  let picture = first;
  for await (const sample of track.sink.samplesAtTimestamps(times)) {
    if (sample) {
      const frame = toFrame(sample);
      tell({ kind: "still", request, picture, frame }, [frame]);
    }
    picture += 1;
  }
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
    const track = await open(this.#media.url);
    if (this.#stopped) return;
    for await (const sample of track.sink.samples(secondsOf(track, this.#media, first))) {
      while (this.#waiting >= RING_FRAMES && !this.#stopped) await this.#room();
      if (this.#stopped) {
        sample.close();
        return;
      }
      this.#send(sample, numberOf(track, this.#media, sample));
    }
  }

  taken(): void {
    this.#waiting -= 1;
    this.#wake?.();
  }

  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  #send(sample: VideoSample, picture: number): void {
    const frame = toFrame(sample);
    this.#waiting += 1;
    tell({ kind: "frame", stream: this.#id, picture, frame }, [frame]);
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

const runStream = async (id: number, media: MediaAddress, first: number): Promise<void> => {
  const stream = new Stream(id, media);
  streams.set(id, stream);
  try {
    await stream.run(first);
  } catch (error) {
    failed(media.url, error);
  }
  streams.delete(id);
  tell({ kind: "ended", stream: id });
};

self.onmessage = ({ data }: MessageEvent<ToDecoder>): void => {
  switch (data.kind) {
    case "still":
      sendStills(data.request, data.media, data.picture, data.count)
        .catch((error: unknown) => failed(data.media.url, error))
        .finally(() => tell({ kind: "stills-done", request: data.request }));
      return;
    case "stream":
      void runStream(data.stream, data.media, data.first);
      return;
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
