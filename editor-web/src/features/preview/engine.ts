/**
 * Plays the cut: one resolve, one evaluator (`layers`), one clock. The stage store says where the
 * playhead stands and whether it runs; the engine moves it while it runs and draws what is there.
 */
import type { StoreApi } from "zustand";
import type { Stage, StageActions } from "@/lib/stage";
import { layers } from "@/timeline-core/layers";
import type { OnFrames, SequenceView } from "@/timeline-core/resolved";
import {
  type Flicks,
  flicks,
  frameContaining,
  frames,
  type Rate,
  rate,
  TICKS,
  tick,
} from "@/timeline-core/time";
import { PlayClock } from "./clock";
import { Compositor } from "./compositor";
import { Decoder, startDecodeWorker } from "./decoder";
import { SpanIndex } from "./drawn-text";
import { type RenderOptions, renderedFrame } from "./exact-frame";
import { type AssetLookup, type Motion, PictureSupply } from "./picture-supply";
import { evenSize, textOf } from "./placement";
import { type Quality, QualityGauge } from "./quality";
import { SoundPlayer } from "./sound";
import { SAMPLE_RATE, type SoundLookup } from "./sound-plan";
import { type TextService, TextSupply } from "./text-supply";
import { Warmer } from "./warmer";

type StageStore = Pick<StoreApi<Stage & StageActions>, "getState" | "subscribe">;

export interface EngineOptions {
  readonly canvas: HTMLCanvasElement;
  readonly stage: StageStore;
  readonly assetOf: AssetLookup;
  readonly soundOf: SoundLookup;
  readonly texts: TextService;
}

export interface EngineStats {
  /** The output frame on screen; -1 before the first. */
  readonly frame: number;
  readonly drawn: number;
  /** Draws that had to show an older picture, or none. */
  readonly late: number;
  readonly openFrames: number;
  /** Whether the frame on screen is exactly that of the playhead. */
  readonly settled: boolean;
  readonly sound: { readonly blocks: number; readonly voices: number; readonly late: number };
}

const HOLD_MS = 3_000; // how long the last picture may stand in for one that is still decoding
const REST_MS = 300;
const SOUND_WAIT_MS = 150; // play begins by then, heard or not
const SOUND_SECONDS_MAX = 60; // what inspection may ask for at once
const SOUND_SPEED_MIN = 1;
const SOUND_SPEED_MAX = 2;

export class PreviewEngine {
  readonly #compositor = new Compositor();
  readonly #decoder: Decoder;
  readonly #pictures: PictureSupply;
  readonly #texts: TextSupply;
  readonly #warmer: Warmer;
  readonly #sound: SoundPlayer;
  readonly #context: CanvasRenderingContext2D;
  readonly #back = new OffscreenCanvas(16, 16);
  readonly #unsubscribe: () => void;
  #clock: PlayClock | null = null;
  #frames: OnFrames | null = null;
  #request = 0;
  #plays = 0;
  #ownSeek: Flicks | null = null;
  #shown = { frame: -1, drawn: 0, late: 0, settled: false };
  #isDirty = true;
  #missingSince: number | null = null;
  #holdTimer: ReturnType<typeof setTimeout> | undefined;
  #restTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #gauge = new QualityGauge();
  readonly #watchers = new Set<() => void>();
  #room = { width: 16, height: 16 };
  #isDisposed = false;

  readonly #options: EngineOptions;

  constructor(options: EngineOptions) {
    this.#options = options;
    const context = options.canvas.getContext("2d", { alpha: false });
    if (!context) throw new Error("this browser gives no 2D canvas");
    this.#context = context;
    this.#decoder = new Decoder(this.refresh, startDecodeWorker());
    this.#texts = new TextSupply(options.texts, this.refresh);
    this.#pictures = new PictureSupply(this.#decoder, options.assetOf, this.#texts, this.refresh);
    this.#warmer = new Warmer(this.#pictures);
    this.#sound = new SoundPlayer(options.soundOf);
    this.#unsubscribe = options.stage.subscribe((now, before) => this.#follow(now, before));
    this.refresh();
  }

  setFrames(frames: OnFrames): void {
    this.#frames = frames;
    this.#pictures.setIndex(new SpanIndex(frames));
    this.#warmer.setFrames(frames);
    this.#sound.setFrames(frames);
    this.#rest();
    this.#fit();
    this.refresh();
  }

  /** The canvas may take so many device pixels; it never has more than the sequence. */
  resize(width: number, height: number): void {
    this.#room = { width, height };
    this.#fit();
  }

  /** Draws again at the next chance. */
  refresh = (): void => {
    this.#isDirty = true;
    if (this.#request === 0 && !this.#isDisposed) this.#request = requestAnimationFrame(this.#step);
  };

  setQuality(quality: Quality): void {
    this.#gauge.choose(quality);
    this.#fit();
    this.refresh();
  }

  /** Calls back now and after each picture that is put on the canvas, until the returned function is called. */
  onDrawn(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    watcher();
    return () => this.#watchers.delete(watcher);
  }

  stats(): EngineStats {
    const openFrames = this.#pictures.openFrames();
    return { ...this.#shown, openFrames, sound: this.#sound.stats() };
  }

  /** Output frame `n` at sequence size as the bytes of a PNG; throws where it cannot be drawn in time. */
  async renderFrame(n: number, options: RenderOptions = {}): Promise<Uint8Array> {
    const sequence = this.#sequence();
    if (!this.#frames || !sequence) throw new Error("no timeline is loaded");
    return renderedFrame(
      {
        layers: layers(this.#frames, frames(n)),
        sequence,
        background: backgroundOf(sequence),
        pictures: this.#pictures,
        texts: this.#texts,
        compositor: new Compositor(),
      },
      options,
    );
  }

  /** What is heard from `start` seconds on, 48 000 samples a second: left and right. */
  renderSound(start: number, seconds: number): Promise<readonly [Float32Array, Float32Array]> {
    const count = Math.min(SOUND_SECONDS_MAX, seconds) * SAMPLE_RATE;
    return this.#sound.rendered(Math.round(start * SAMPLE_RATE), Math.round(count));
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#unsubscribe();
    cancelAnimationFrame(this.#request);
    clearTimeout(this.#holdTimer);
    clearTimeout(this.#restTimer);
    this.#sound.dispose();
    this.#clock?.close();
    this.#pictures.dispose();
    this.#texts.dispose();
    this.#decoder.dispose();
  }

  #follow(now: Stage, before: Stage): void {
    const isMoved = now.playhead !== before.playhead;
    const isRestarted = now.playing && now.shuttle !== before.shuttle;
    const isSought = isMoved && now.playing && now.playhead !== this.#ownSeek;
    if (now.playing !== before.playing && !now.playing) this.#pause();
    else if (now.playing && (!before.playing || isRestarted || isSought)) void this.#play(now);
    if (isMoved || now.playing !== before.playing) this.refresh();
    if (isMoved && !now.playing) this.#rest();
  }

  /** Where the playhead comes to rest the sound is decoded, so that play can begin at once. */
  #rest(): void {
    clearTimeout(this.#restTimer);
    const { stage } = this.#options;
    this.#restTimer = setTimeout(() => void this.#sound.ready(stage.getState().playhead), REST_MS);
  }

  async #play(now: Stage): Promise<void> {
    this.#plays += 1;
    const play = this.#plays;
    this.#clock ??= new PlayClock();
    this.#clock.stop();
    this.#sound.stop();
    const speed = now.shuttle;
    const isHeard = speed >= SOUND_SPEED_MIN && speed <= SOUND_SPEED_MAX;
    const isAtEnd = now.shuttle > 0 && now.playhead >= this.#end() - this.#frameTicks();
    const from = isAtEnd ? flicks(0) : now.playhead;
    if (isHeard) await Promise.race([this.#sound.ready(from), after(SOUND_WAIT_MS)]);
    if (play !== this.#plays || this.#isDisposed) return;
    await this.#clock.start(from, speed);
    const isStillWanted = this.#options.stage.getState().playing && play === this.#plays;
    if (!isStillWanted || this.#isDisposed) return;
    if (this.#clock.hasSound && isHeard) this.#sound.start(this.#clock, speed);
    this.refresh();
  }

  #pause(): void {
    this.#plays += 1;
    this.#sound.stop();
    this.#gauge.pause();
    this.#fit();
    this.refresh();
  }

  readonly #step = (): void => {
    this.#request = 0;
    const { stage } = this.#options;
    if (stage.getState().playing && this.#clock?.isRunning) this.#advance(this.#clock.now());
    const { playing, playhead, shuttle } = stage.getState();
    const motion = playing ? (shuttle < 0 ? "backward" : "forward") : "standing";
    if (this.#isDirty || playing) this.#draw(playhead, motion);
    if (playing) this.refresh();
  };

  #advance(at: Flicks): void {
    const { stage } = this.#options;
    const end = this.#end();
    const bounded = flicks(Math.max(0, Math.min(at, end)));
    this.#ownSeek = bounded;
    stage.getState().seek(bounded, { followed: true });
    const isOver = stage.getState().shuttle > 0 ? at >= end : at <= 0;
    if (isOver) stage.getState().pause();
  }

  #draw(playhead: Flicks, motion: Motion): void {
    const sequence = this.#sequence();
    const context = this.#back.getContext("2d", { alpha: false });
    if (!this.#frames || !sequence || !context) return;
    this.#isDirty = false;
    const number = this.#numberAt(playhead);
    const began = performance.now();
    this.#pictures.beginDraw(motion);
    this.#compositor.draw(context, layers(this.#frames, frames(number)), sequence, {
      background: backgroundOf(sequence),
      pictures: this.#pictures,
      fine: motion === "standing",
    });
    const { missing, late } = this.#pictures;
    this.#warmer.warm(playhead, motion);
    const isLate = missing + late > 0;
    if (motion !== "standing") {
      const isSlow = performance.now() - began > (1000 * this.#frameTicks()) / TICKS;
      this.#gauge.played(number, isLate || isSlow);
      this.#fit();
      if (isLate) this.#shown = { ...this.#shown, late: this.#shown.late + 1 };
    }
    this.#shown = { ...this.#shown, settled: false };
    // The last picture stays until all of the next one is there; what arrives draws again.
    if (missing > 0 && this.#isHolding()) return;
    this.#missingSince = null;
    this.#context.drawImage(this.#back, 0, 0);
    const settled = missing + late === 0;
    this.#shown = { ...this.#shown, frame: number, drawn: this.#shown.drawn + 1, settled };
    this.#pictures.sweep();
    for (const watcher of this.#watchers) watcher();
  }

  #numberAt(playhead: Flicks): number {
    const last = Math.max(0, (this.#frames?.duration_frames ?? 0) - 1);
    return Math.min(last, frameContaining(playhead, this.#rate()));
  }

  #isHolding(): boolean {
    if (this.#shown.frame < 0) return false;
    const now = performance.now();
    if (this.#missingSince === null) {
      this.#missingSince = now;
      clearTimeout(this.#holdTimer);
      this.#holdTimer = setTimeout(this.refresh, HOLD_MS);
    }
    return now - this.#missingSince < HOLD_MS;
  }

  #fit(): void {
    const sequence = this.#sequence();
    const { canvas } = this.#options;
    const most = sequence ? evenSize(sequence) : { width: 4096, height: 4096 };
    const { share } = this.#gauge;
    const width = Math.max(16, Math.round(Math.min(this.#room.width, most.width) * share));
    const height = Math.max(16, Math.round(Math.min(this.#room.height, most.height) * share));
    if (canvas.width === width && canvas.height === height) return;
    this.#back.width = width;
    this.#back.height = height;
    // A new size clears the canvas: what was on it stays until the next draw.
    const kept = new OffscreenCanvas(canvas.width, canvas.height);
    kept.getContext("2d")?.drawImage(canvas, 0, 0);
    canvas.width = width;
    canvas.height = height;
    this.#context.drawImage(kept, 0, 0, width, height);
    this.refresh();
  }

  #sequence(): SequenceView | undefined {
    return this.#frames?.resolved.sequences.get(this.#frames.resolved.sequence);
  }

  #rate(): Rate {
    return rate(this.#frames?.fps_num ?? 30, this.#frames?.fps_den ?? 1);
  }

  #end(): Flicks {
    return tick(this.#frames?.duration_frames ?? frames(0), this.#rate());
  }

  #frameTicks(): number {
    const { num, den } = this.#rate();
    return (TICKS * den) / num;
  }
}

const backgroundOf = (sequence: SequenceView): string =>
  textOf(sequence.props, "background", "#000000");

const after = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
