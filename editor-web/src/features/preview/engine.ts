/**
 * Plays the cut: one resolve, one evaluator (`layers`), one clock. The stage store says where the
 * playhead stands and whether it runs; the engine moves it while it runs and draws what is there.
 */
import type { StoreApi } from "zustand";
import type { Stage, StageActions } from "@/lib/stage";
import { layers } from "@/timeline-core/layers";
import type { Layer, OnFrames, SequenceView } from "@/timeline-core/resolved";
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
import { Decoder } from "./decoder";
import { type AssetLookup, PictureSupply } from "./picture-supply";
import { textOf as textProp } from "./placement";
import { SoundPlayer } from "./sound";
import { type DrawTexts, TextSupply } from "./text-supply";

type StageStore = Pick<StoreApi<Stage & StageActions>, "getState" | "subscribe">;

export interface EngineOptions {
  readonly canvas: HTMLCanvasElement;
  readonly stage: StageStore;
  readonly assetOf: AssetLookup;
  /** Address of an asset's sound for the browser, null while there is none. */
  readonly soundOf: (asset: string) => string | null;
  readonly drawTexts: DrawTexts;
}

export interface EngineStats {
  readonly frame: number;
  readonly drawn: number;
  readonly late: number;
  readonly openFrames: number;
}

const WARM_TICKS = TICKS; // the next clip is opened one second before its cut
const HOLD_MS = 400; // how long the last picture may stand in for one that is still decoding
const FIRST_SOUND_SPEED = 1;
const SOUND_SPEED_MAX = 2;

export class PreviewEngine {
  readonly #compositor = new Compositor();
  readonly #decoder: Decoder;
  readonly #pictures: PictureSupply;
  readonly #texts: TextSupply;
  readonly #context: CanvasRenderingContext2D;
  readonly #back = new OffscreenCanvas(16, 16);
  readonly #unsubscribe: () => void;
  #clock: PlayClock | null = null;
  #sound: SoundPlayer | null = null;
  #frames: OnFrames | null = null;
  #request = 0;
  #ownSeek: Flicks | null = null;
  #shown = { frame: -1, drawn: 0, late: 0 };
  #dirty = true;
  #missingSince: number | null = null;

  readonly #options: EngineOptions;

  constructor(options: EngineOptions) {
    this.#options = options;
    const context = options.canvas.getContext("2d", { alpha: false });
    if (!context) throw new Error("this browser gives no 2D canvas");
    this.#context = context;
    this.#decoder = new Decoder(this.refresh);
    this.#texts = new TextSupply(options.drawTexts, this.refresh);
    this.#pictures = new PictureSupply(
      this.#decoder,
      options.assetOf,
      this.#texts.at,
      this.refresh,
    );
    this.#unsubscribe = options.stage.subscribe((now, before) => this.#follow(now, before));
    this.refresh();
  }

  setFrames(frames: OnFrames): void {
    this.#frames = frames;
    this.#sound?.setFrames(frames);
    this.refresh();
  }

  /** The canvas takes this many device pixels; never more than the sequence has. */
  resize(width: number, height: number): void {
    const sequence = this.#sequence();
    const { canvas } = this.#options;
    const next = {
      width: Math.max(16, Math.min(Math.round(width), sequence?.width ?? 4096)),
      height: Math.max(16, Math.min(Math.round(height), sequence?.height ?? 4096)),
    };
    if (canvas.width === next.width && canvas.height === next.height) return;
    canvas.width = next.width;
    canvas.height = next.height;
    this.#back.width = next.width;
    this.#back.height = next.height;
    this.refresh();
  }

  /** Draws again at the next chance. */
  refresh = (): void => {
    this.#dirty = true;
    if (this.#request === 0) this.#request = requestAnimationFrame(this.#step);
  };

  stats(): EngineStats {
    const { frame, drawn, late } = this.#shown;
    return { frame, drawn, late, openFrames: this.#pictures.openFrames() };
  }

  /** Frame `n` at sequence size, exactly, as PNG. */
  async renderFrame(n: number): Promise<Blob> {
    const sequence = this.#sequence();
    if (!this.#frames || !sequence) throw new Error("no timeline is loaded");
    const wanted = layers(this.#frames, frames(n));
    const canvas = new OffscreenCanvas(sequence.width, sequence.height);
    const context = canvas.getContext("2d", { alpha: false });
    if (!context) throw new Error("this browser gives no 2D canvas");
    const { playing } = this.#pictures;
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await this.#pictures.prepare(wanted);
      await this.#texts.settled();
      this.#pictures.playing = false;
      this.#pictures.missing = 0;
      this.#texts.missing = 0;
      this.#compositor.draw(context, wanted, sequence, backgroundOf(sequence), this.#pictures);
      if (this.#pictures.missing + this.#texts.missing === 0) break;
      await new Promise((resolve) => setTimeout(resolve, HOLD_MS));
    }
    this.#pictures.playing = playing;
    return canvas.convertToBlob({ type: "image/png" });
  }

  dispose(): void {
    this.#unsubscribe();
    cancelAnimationFrame(this.#request);
    this.#sound?.dispose();
    this.#clock?.close();
    this.#pictures.dispose();
    this.#texts.dispose();
    this.#decoder.dispose();
  }

  #follow(now: Stage, before: Stage): void {
    if (now.playing !== before.playing || (now.playing && now.shuttle !== before.shuttle)) {
      if (now.playing) void this.#play(now);
      else this.#pause();
    } else if (now.playhead !== before.playhead && now.playhead !== this.#ownSeek && now.playing) {
      void this.#play(now);
    }
    if (now.playhead !== before.playhead || now.playing !== before.playing) this.refresh();
  }

  async #play(now: Stage): Promise<void> {
    this.#clock ??= new PlayClock();
    this.#sound ??= new SoundPlayer(this.#clock, this.#options.soundOf);
    if (this.#frames) this.#sound.setFrames(this.#frames);
    this.#sound.stop();
    const end = this.#end();
    const from =
      now.shuttle > 0 && now.playhead >= end - this.#frameTicks() ? flicks(0) : now.playhead;
    await this.#clock.start(from, now.shuttle);
    if (!this.#options.stage.getState().playing) return;
    if (now.shuttle >= FIRST_SOUND_SPEED && now.shuttle <= SOUND_SPEED_MAX) this.#sound.start();
    this.refresh();
  }

  #pause(): void {
    this.#sound?.stop();
    this.refresh();
  }

  readonly #step = (): void => {
    this.#request = 0;
    const stage = this.#options.stage.getState();
    if (stage.playing && this.#clock) this.#advance(this.#clock.now());
    const { playing, playhead } = this.#options.stage.getState();
    if (this.#dirty || playing) this.#draw(playhead, playing);
    if (playing) this.#request ||= requestAnimationFrame(this.#step);
  };

  #advance(at: Flicks): void {
    const { stage } = this.#options;
    const end = this.#end();
    const bounded = flicks(Math.max(0, Math.min(at, end)));
    this.#ownSeek = bounded;
    stage.getState().seek(bounded, { followed: true });
    if (at >= end || at < 0) stage.getState().pause();
  }

  #draw(playhead: Flicks, playing: boolean): void {
    const sequence = this.#sequence();
    if (!this.#frames || !sequence) return;
    this.#dirty = false;
    const last = Math.max(0, this.#frames.duration_frames - 1);
    const number = Math.min(last, frameContaining(playhead, this.#rate()));
    const wanted = layers(this.#frames, frames(number));
    this.#pictures.playing = playing;
    this.#pictures.missing = 0;
    if (playing) this.#warm(sequence, playhead);
    const context = this.#back.getContext("2d", { alpha: false });
    if (!context) return;
    this.#compositor.draw(context, wanted, sequence, backgroundOf(sequence), this.#pictures);
    if (this.#pictures.missing > 0 && this.#holding()) {
      // The last picture stays; what arrives draws again.
      this.#shown.late += playing ? 1 : 0;
      return;
    }
    this.#missingSince = null;
    this.#context.drawImage(this.#back, 0, 0);
    this.#shown = { frame: number, drawn: this.#shown.drawn + 1, late: this.#shown.late };
    this.#pictures.sweep();
  }

  /** Whether the last picture may still stand in for what is being decoded. */
  #holding(): boolean {
    if (this.#shown.frame < 0) return false;
    const now = performance.now();
    if (this.#missingSince === null) {
      this.#missingSince = now;
      setTimeout(this.refresh, HOLD_MS);
    }
    return now - this.#missingSince < HOLD_MS;
  }

  #warm(sequence: SequenceView, playhead: Flicks): void {
    for (const track of sequence.tracks) {
      if (track.kind !== "video" || !track.active) continue;
      for (const span of track.spans) {
        if (span.start <= playhead || span.start > playhead + WARM_TICKS) continue;
        if (
          span.kind !== "media" ||
          !span.active ||
          span.start_frame === undefined ||
          !this.#frames
        )
          continue;
        const layer = layers(this.#frames, span.start_frame).find(({ clip }) => clip === span.clip);
        this.#warmLayer(layer);
      }
    }
  }

  #warmLayer(layer: Layer | undefined): void {
    const asset = layer?.asset === undefined ? undefined : this.#options.assetOf(layer.asset);
    if (!layer || asset?.kind !== "video" || asset.url === null) return;
    this.#pictures.warm(
      layer.clip,
      { url: asset.url, num: asset.num, den: asset.den },
      layer.picture ?? 0,
    );
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
  textProp(sequence.props, "background", "#000000");
