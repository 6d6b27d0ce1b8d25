/** Mixes and schedules the cut's sound half a second ahead of the play clock, from the proxies. */
import type { OnFrames } from "@/timeline-core/resolved";
import { TICKS } from "@/timeline-core/time";
import type { PlayClock } from "./clock";
import { type Block, Mixer, silence } from "./mix";
import { PcmCache } from "./pcm";
import { BLOCK, mixedFrom, renderedSound } from "./rendered-sound";
import { POINT_SAMPLES, SAMPLE_RATE, type SoundLookup, SoundPlan } from "./sound-plan";

const AHEAD_SECONDS = 0.5;
const POLL_MS = 50;
const FETCH_AHEAD_SECONDS = 4; // a busy machine decodes in bursts
const READY_SECONDS = 2;
const CHANGE_SECONDS = 0.1; // what begins sooner than this is heard as it was before an edit

interface Scheduled {
  readonly at: number;
  readonly start: number;
  readonly source: AudioBufferSourceNode;
}

export class SoundPlayer {
  readonly #pcm = new PcmCache();
  readonly #soundOf: SoundLookup;
  #clock: PlayClock | null = null;
  #plan: SoundPlan | null = null;
  #mixer: Mixer | null = null;
  #scheduled: Scheduled[] = [];
  #next = 0;
  #speed = 1;
  #timer: ReturnType<typeof setInterval> | undefined;
  #stats = { blocks: 0, voices: 0, late: 0 };

  constructor(soundOf: SoundLookup) {
    this.#soundOf = soundOf;
  }

  stats(): { readonly blocks: number; readonly voices: number; readonly late: number } {
    return { ...this.#stats, voices: this.#scheduled.length };
  }

  /** While it plays, what is not heard soon is mixed again. */
  setFrames(frames: OnFrames): void {
    const view = frames.resolved.sequences.get(frames.resolved.sequence);
    this.#plan = view ? new SoundPlan(frames, view, this.#soundOf) : null;
    if (this.#clock === null) {
      this.#mixer = null;
      return;
    }
    const soon = this.#clock.audio.currentTime + CHANGE_SECONDS;
    const replaced = this.#scheduled.filter(({ at }) => at > soon);
    for (const { source } of replaced) source.stop();
    this.#scheduled = this.#scheduled.filter(({ at }) => at <= soon);
    this.#next = replaced[0]?.start ?? this.#next;
    this.#prepare(this.#next);
  }

  /** Decodes what is heard first, so that play need not begin in silence. */
  async ready(at: number): Promise<void> {
    if (!this.#plan) return;
    const mixer = new Mixer(this.#plan, this.#pcm);
    await this.#pcm.ready(mixer.needs(blockAt(at), READY_SECONDS * SAMPLE_RATE));
  }

  /** The sound of `samples` from `start` on, at 48 kHz, as it would be played: left and right. */
  rendered(start: number, samples: number): Promise<Block> {
    return this.#plan
      ? renderedSound(this.#plan, this.#pcm, start, samples)
      : Promise.resolve(silence(samples));
  }

  /** Sounds from where the clock stands, `speed` times as fast. */
  start(clock: PlayClock, speed: number): void {
    this.stop();
    this.#clock = clock;
    this.#speed = speed;
    this.#next = blockAt(clock.now());
    this.#prepare(this.#next);
    this.#schedule(clock);
    this.#timer = setInterval(() => this.#schedule(clock), POLL_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#clock = null;
    for (const { source } of this.#scheduled) source.stop();
    this.#scheduled = [];
  }

  dispose(): void {
    this.stop();
    this.#pcm.dispose();
  }

  /** A mixer whose ducking stands where the film's would. */
  #prepare(start: number): void {
    this.#mixer = this.#plan && new Mixer(this.#plan, this.#pcm);
    const from = this.#plan ? mixedFrom(this.#plan, start) : start;
    if (from < start) this.#mixer?.block(from, start - from);
  }

  #schedule(clock: PlayClock): void {
    const mixer = this.#mixer;
    if (!mixer || !this.#plan) return;
    const { currentTime } = clock.audio;
    const when = (at: number): number => clock.when((at / SAMPLE_RATE) * TICKS);
    this.#scheduled = this.#scheduled.filter(
      ({ at }) => at + BLOCK / SAMPLE_RATE / this.#speed > currentTime,
    );
    void this.#pcm.ready(mixer.needs(this.#next, FETCH_AHEAD_SECONDS * this.#speed * SAMPLE_RATE));
    while (this.#next < this.#plan.samples && when(this.#next) < currentTime + AHEAD_SECONDS) {
      const isPast = when(this.#next + BLOCK) <= currentTime;
      // What is not decoded is waited for until it would be heard; then it goes on without.
      if (!isPast && !this.#pcm.has(mixer.needs(this.#next, BLOCK))) return;
      const block = mixer.block(this.#next, BLOCK);
      if (isPast) this.#stats = { ...this.#stats, late: this.#stats.late + 1 };
      else this.#play(block, this.#next, clock.audio, when(this.#next));
      this.#next += BLOCK;
    }
  }

  #play([left, right]: Block, start: number, audio: AudioContext, at: number): void {
    const buffer = audio.createBuffer(2, left.length, SAMPLE_RATE);
    buffer.getChannelData(0).set(left);
    buffer.getChannelData(1).set(right);
    const source = audio.createBufferSource();
    source.buffer = buffer;
    source.playbackRate.value = this.#speed;
    source.connect(audio.destination);
    const missed = Math.max(0, audio.currentTime - at);
    source.start(at + missed, missed * this.#speed);
    source.onended = () => source.disconnect();
    this.#scheduled.push({ at, start, source });
    this.#stats = { ...this.#stats, blocks: this.#stats.blocks + 1 };
  }
}

/** The first sample of the block that holds a tick. */
const blockAt = (at: number): number =>
  Math.floor(((at / TICKS) * SAMPLE_RATE) / POINT_SAMPLES) * POINT_SAMPLES;
