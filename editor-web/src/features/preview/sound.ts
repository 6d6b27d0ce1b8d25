/** Schedules the cut's sound half a second ahead of the play clock, from the proxies' audio. */
import { ALL_FORMATS, AudioBufferSink, Input, UrlSource } from "mediabunny";
import type { OnFrames, SequenceView, Span, TrackView } from "@/timeline-core/resolved";
import { TICKS } from "@/timeline-core/time";
import type { PlayClock } from "./clock";
import { type Crossfade, crossfadesOf, gainAt, sounding } from "./envelope";
import { numberOf } from "./placement";

const AHEAD_SECONDS = 0.5;
const POLL_MS = 100;
const CURVE_STEP_SECONDS = 0.01; // envelopes are exact at 100 Hz, as the export's curves are
const OPEN_MAX = 16;

export type AudioAddress = (asset: string) => string | null;

interface Voice {
  readonly gain: GainNode;
  readonly stop: () => void;
}

export class SoundPlayer {
  readonly #voices = new Map<string, Voice>();
  readonly #sinks = new Map<string, Promise<AudioBufferSink | null>>();
  readonly #inputs = new Map<string, Input>();
  #frames: OnFrames | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  readonly #clock: PlayClock;
  readonly #addressOf: AudioAddress;

  constructor(clock: PlayClock, addressOf: AudioAddress) {
    this.#clock = clock;
    this.#addressOf = addressOf;
  }

  setFrames(frames: OnFrames): void {
    this.#frames = frames;
    if (this.#timer === undefined) return;
    this.#silence();
    this.#schedule();
  }

  start(): void {
    this.stop();
    this.#schedule();
    this.#timer = setInterval(() => this.#schedule(), POLL_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#silence();
  }

  dispose(): void {
    this.stop();
    for (const input of this.#inputs.values()) input.dispose();
    this.#inputs.clear();
  }

  #silence(): void {
    for (const voice of this.#voices.values()) voice.stop();
    this.#voices.clear();
  }

  #schedule(): void {
    const sequence = this.#frames?.resolved.sequences.get(this.#frames.resolved.sequence);
    if (!sequence) return;
    const from = this.#clock.now();
    const to = from + AHEAD_SECONDS * TICKS;
    for (const track of sequence.tracks) {
      if (track.kind !== "audio" || !track.active) continue;
      for (const span of track.spans) this.#consider(sequence, track, span, from, to);
    }
  }

  #consider(sequence: SequenceView, track: TrackView, span: Span, from: number, to: number): void {
    if (!span.active || !span.asset || span.speed[0] <= 0) return;
    const crossfades = crossfadesOf(sequence, track, span);
    const stretch = sounding(span, crossfades);
    if (stretch.end <= from || stretch.start >= to || this.#voices.has(span.clip)) return;
    const url = this.#addressOf(span.asset);
    if (url !== null) this.#begin(url, track, span, crossfades, Math.max(from, stretch.start));
  }

  #begin(
    url: string,
    track: TrackView,
    span: Span,
    crossfades: readonly Crossfade[],
    from: number,
  ): void {
    const { audio } = this.#clock;
    const gain = audio.createGain();
    const pan = audio.createStereoPanner();
    pan.pan.value = Math.max(
      -1,
      Math.min(1, numberOf(span.props, "pan", 0) + numberOf(track.props, "pan", 0)),
    );
    gain.connect(pan).connect(audio.destination);
    const { end } = sounding(span, crossfades);
    const begins = Math.max(this.#clock.when(from as never), audio.currentTime);
    const seconds = (end - from) / TICKS;
    const points = Math.max(2, Math.min(60_000, Math.ceil(seconds / CURVE_STEP_SECONDS)));
    const curve = Float32Array.from({ length: points }, (_, index) =>
      gainAt(track, span, crossfades, from + ((end - from) * index) / (points - 1)),
    );
    gain.gain.setValueCurveAtTime(curve, begins, Math.max(seconds, 0.01));
    let stopped = false;
    const sources: AudioBufferSourceNode[] = [];
    this.#voices.set(span.clip, {
      gain,
      stop: () => {
        stopped = true;
        for (const source of sources) source.stop();
        pan.disconnect();
      },
    });
    void this.#feed(url, span, from, end, gain, sources, () => stopped);
  }

  async #feed(
    url: string,
    span: Span,
    from: number,
    end: number,
    gain: GainNode,
    sources: AudioBufferSourceNode[],
    stopped: () => boolean,
  ): Promise<void> {
    const sink = await this.#open(url);
    if (!sink || stopped()) return;
    const speed = span.speed[0] / span.speed[1];
    const toSource = (at: number): number => (span.local_in + (at - span.start) * speed) / TICKS;
    const whenHeard = (source: number): number =>
      this.#clock.when((span.start + (source * TICKS - span.local_in) / speed) as never);
    for await (const { buffer, timestamp, duration } of sink.buffers(
      Math.max(0, toSource(from)),
      toSource(end),
    )) {
      if (stopped()) return;
      this.#play(buffer, whenHeard(timestamp), duration, speed, gain, sources);
      while (!stopped() && whenHeard(timestamp) > this.#clock.audio.currentTime + 2 * AHEAD_SECONDS)
        await pause();
    }
  }

  #play(
    buffer: AudioBuffer,
    when: number,
    duration: number,
    speed: number,
    gain: GainNode,
    sources: AudioBufferSourceNode[],
  ): void {
    const late = Math.max(0, this.#clock.audio.currentTime - when) * speed;
    if (late >= duration) return;
    const source = this.#clock.audio.createBufferSource();
    source.buffer = buffer;
    source.playbackRate.value = speed;
    source.connect(gain);
    source.start(Math.max(when, this.#clock.audio.currentTime), late);
    source.onended = () => sources.splice(sources.indexOf(source), 1);
    sources.push(source);
  }

  #open(url: string): Promise<AudioBufferSink | null> {
    const known = this.#sinks.get(url);
    if (known) return known;
    const input = new Input({ source: new UrlSource(url), formats: ALL_FORMATS });
    const sink = input
      .getPrimaryAudioTrack()
      .then((track) => (track ? new AudioBufferSink(track) : null))
      .catch(() => null); // a sound that cannot be read is silent; its picture says why
    this.#inputs.set(url, input);
    this.#sinks.set(url, sink);
    const oldest = this.#sinks.keys().next().value;
    if (this.#sinks.size > OPEN_MAX && oldest !== undefined) {
      this.#inputs.get(oldest)?.dispose();
      this.#inputs.delete(oldest);
      this.#sinks.delete(oldest);
    }
    return sink;
  }
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, POLL_MS));
