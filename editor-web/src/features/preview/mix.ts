/**
 * Mixing as arithmetic on blocks of samples: the port of `exporter/audio.py` for two channels.
 *
 * What a film does to a sound the preview does by the same numbers; only loudness and limiter, which
 * need the whole film, are missing.
 */
import { fadeWeight } from "@/timeline-core/keyframes";
import {
  type Bus,
  type Ducking,
  type Fade,
  type Level,
  POINT_SAMPLES,
  POINTS_PER_SECOND,
  SAMPLE_RATE,
  type SoundClip,
  type SoundPlan,
} from "./sound-plan";

/** Left and right; as long as asked for. */
export type Block = readonly [Float32Array, Float32Array];

/** Decoded samples of proxies: silence where there are none. */
export interface Samples {
  /** Samples `start` ... of the sound at `url`, both channels. */
  readonly read: (url: string, start: number, count: number) => Block;
}

/** A stretch of samples of one proxy. */
export interface Need {
  readonly url: string;
  readonly start: number;
  readonly count: number;
}

const FULL_SCALE = 32_768;
const CHANNELS = 2;
const TONE_DECIMALS = 1e9;

export const silence = (count: number): Block => [new Float32Array(count), new Float32Array(count)];

/** The level at sample `at` of its owner. */
export const levelAt = (level: Level, at: number): number => {
  if (typeof level === "number") return level;
  const point = Math.floor(at / POINT_SAMPLES);
  const low = level(point);
  return low + (level(point + 1) - low) * (at / POINT_SAMPLES - point);
};

/** A level for samples `start` ... of its owner, each point asked for once. */
const levels = (level: Level, start: number, count: number): Float64Array | number => {
  if (typeof level === "number") return level;
  const first = Math.floor(start / POINT_SAMPLES);
  const points = Array.from(
    { length: Math.ceil((start + count) / POINT_SAMPLES) - first + 1 },
    (_, index) => level(first + index),
  );
  return Float64Array.from({ length: count }, (_, index) => {
    const at = (start + index) / POINT_SAMPLES - first;
    const point = Math.floor(at);
    const low = points[point] ?? 0;
    return low + ((points[point + 1] ?? low) - low) * (at - point);
  });
};

/** The weight of a fade at a sample of its clip [timeline-K5]. */
export const fadeAt = (fade: Fade, at: number): number => {
  const share = (at + 0.5 - fade.start) / Math.max(1, fade.samples);
  return fadeWeight(fade.curve, fade.isIn ? share : 1 - share);
};

/** Multiplies by levels, in place. */
const scale = (block: Block, level: Float64Array | number): void => {
  if (level === 1) return;
  for (const side of block)
    for (let index = 0; index < side.length; index += 1)
      side[index] = (side[index] ?? 0) * (typeof level === "number" ? level : (level[index] ?? 0));
};

const applyFade = (block: Block, fade: Fade, start: number): void => {
  const count = block[0].length;
  const isInside = fade.isIn ? fade.start + fade.samples > start : fade.start < start + count;
  if (isInside)
    scale(
      block,
      Float64Array.from({ length: count }, (_, i) => fadeAt(fade, start + i)),
    );
};

/** Balance: what moves to one side gets quieter on the other. */
const applyPan = (block: Block, pan: Float64Array | number): void => {
  if (pan === 0) return;
  const [left, right] = block;
  for (let index = 0; index < left.length; index += 1) {
    const at = typeof pan === "number" ? pan : (pan[index] ?? 0);
    left[index] = (left[index] ?? 0) * Math.min(1, 1 - at);
    right[index] = (right[index] ?? 0) * Math.min(1, 1 + at);
  }
};

/** The gain of one ducked bus: each 10 ms the energy of its key decides where it goes. */
export class DuckingGain {
  readonly #ducking: Ducking;
  readonly #energyMin: number;
  #decibels = 0;

  constructor(ducking: Ducking) {
    this.#ducking = ducking;
    const threshold = 10 ** (ducking.thresholdDb / 10);
    this.#energyMin = Math.floor(threshold * FULL_SCALE * FULL_SCALE * CHANNELS * POINT_SAMPLES);
  }

  /** The gains while the key bus sounds like this; blocks begin at whole 10 ms. */
  over(key: Block): Float64Array {
    const count = key[0].length;
    const gains = new Float64Array(count);
    for (let start = 0; start < count; start += POINT_SAMPLES) {
      const from = 10 ** (this.#decibels / 20);
      this.#decibels = this.#next(energyOf(key, start) > this.#energyMin);
      const to = 10 ** (this.#decibels / 20);
      const end = Math.min(count, start + POINT_SAMPLES);
      for (let at = start; at < end; at += 1)
        gains[at] = from + ((to - from) * (at - start)) / POINT_SAMPLES;
    }
    return gains;
  }

  #next(isLoud: boolean): number {
    const { amountDb, attackMs, releaseMs } = this.#ducking;
    const milliseconds = isLoud ? attackMs : releaseMs;
    const step = milliseconds ? (-amountDb * (1000 / POINTS_PER_SECOND)) / milliseconds : -amountDb;
    return isLoud ? Math.max(amountDb, this.#decibels - step) : Math.min(0, this.#decibels + step);
  }
}

/** The sum of squares of 10 ms over both channels, as 16-bit integers count. */
const energyOf = ([left, right]: Block, start: number): number => {
  let sum = 0;
  const end = Math.min(left.length, start + POINT_SAMPLES);
  for (let at = start; at < end; at += 1) {
    const [l, r] = [
      Math.round((left[at] ?? 0) * FULL_SCALE),
      Math.round((right[at] ?? 0) * FULL_SCALE),
    ];
    sum += l * l + r * r;
  }
  return sum;
};

/** Mixes one sequence block after block; what ducks remembers how far it is. */
export class Mixer {
  readonly #plan: SoundPlan;
  readonly #samples: Samples;
  readonly #ducking: readonly (readonly DuckingGain[])[];
  readonly #nested = new Map<SoundClip, Mixer>();

  constructor(plan: SoundPlan, samples: Samples) {
    this.#plan = plan;
    this.#samples = samples;
    this.#ducking = plan.buses.map((bus) => bus.ducking.map((one) => new DuckingGain(one)));
  }

  /** What must be decoded for samples `start` ...; nested sequences included. */
  needs(start: number, count: number): readonly Need[] {
    return this.#plan.buses.flatMap((bus) =>
      bus.clips(start, start + count).flatMap((clip) => {
        const from = Math.max(start, clip.start) - clip.start;
        const to = Math.min(start + count, clip.start + clip.samples) - clip.start;
        const [low, high] = sourceRange(clip, from, to - from);
        if (clip.source.kind === "mix") return this.#inner(clip).needs(low, high - low);
        return clip.source.kind === "media"
          ? [{ url: clip.source.url, start: low, count: high - low }]
          : [];
      }),
    );
  }

  /** Samples `start` ... of the sequence; blocks that follow one another begin at whole 10 ms. */
  block(start: number, count: number): Block {
    const plain = this.#plan.buses.map((bus) => this.#bus(bus, start, count));
    const total = silence(count);
    const gains = this.#plan.buses.map((bus, number) =>
      bus.ducking.map(({ by }, index) =>
        this.#ducking[number]?.[index]?.over(plain[by] ?? silence(count)),
      ),
    );
    for (const [number, block] of plain.entries()) {
      for (const gain of gains[number] ?? []) scale(block, gain ?? 1);
      add(total, block, 0);
    }
    return total;
  }

  #bus(bus: Bus, start: number, count: number): Block {
    const total = silence(count);
    for (const clip of bus.clips(start, start + count)) {
      const low = Math.max(start, clip.start);
      const high = Math.min(start + count, clip.start + clip.samples);
      add(total, this.#clip(clip, low - clip.start, high - low), low - start);
    }
    scale(total, levels(bus.gain, start, count));
    applyPan(total, levels(bus.pan, start, count));
    return total;
  }

  #clip(clip: SoundClip, start: number, count: number): Block {
    const block = this.#source(clip, start, count);
    scale(block, levels(clip.gain, start, count));
    for (const fade of clip.fades) applyFade(block, fade, start);
    applyPan(block, levels(clip.pan, start, count));
    return block;
  }

  #source(clip: SoundClip, start: number, count: number): Block {
    const { source } = clip;
    if (source.kind === "tone") return tone(source.hz, source.level, clip.first + start, count);
    const [low, high] = sourceRange(clip, start, count);
    const raw =
      source.kind === "mix"
        ? this.#inner(clip).block(low, high - low)
        : chosen(this.#samples.read(source.url, low, high - low), source.channels);
    return isPlain(clip) ? raw : resampled(raw, clip, low, start, count);
  }

  #inner(clip: SoundClip): Mixer {
    const known = this.#nested.get(clip);
    if (known) return known;
    if (clip.source.kind !== "mix") throw new Error("only sequences are mixed");
    const made = new Mixer(clip.source.plan, this.#samples);
    this.#nested.set(clip, made);
    return made;
  }
}

const add = (total: Block, block: Block, at: number): void => {
  for (const channel of [0, 1] as const) {
    const [into, from] = [total[channel], block[channel]];
    for (let index = 0; index < from.length; index += 1)
      into[at + index] = (into[at + index] ?? 0) + (from[index] ?? 0);
  }
};

const isPlain = ({ speed, positions }: SoundClip): boolean =>
  positions === null && speed[0] === 1 && speed[1] === 1;

/** The source sample, not whole, under sample `at` of a clip. */
const positionAt = (clip: SoundClip, at: number): number => {
  if (clip.positions) return levelAt(clip.positions, at);
  const [num, den] = clip.speed;
  const first = num < 0 ? clip.first - 1 : clip.first; // backwards it is the exclusive upper end
  return first + (at * num) / den;
};

/** The source samples that clip samples `start` ... are made of; the end is exclusive. */
const sourceRange = (clip: SoundClip, start: number, count: number): readonly [number, number] => {
  if (isPlain(clip)) return [clip.first + start, clip.first + start + count];
  const ends: number[] = [];
  // A curve of time may turn inside the block: its points are looked at one by one.
  const step = clip.positions ? POINT_SAMPLES : Math.max(1, count);
  for (let at = start; at < start + count; at += step) ends.push(positionAt(clip, at));
  ends.push(positionAt(clip, start + count));
  return [Math.floor(Math.min(...ends)) - 1, Math.ceil(Math.max(...ends)) + 2];
};

/** Samples at the clip's positions, linear between; silent where time stands still. */
const resampled = (
  raw: Block,
  clip: SoundClip,
  low: number,
  start: number,
  count: number,
): Block => {
  const out = silence(count);
  let here = positionAt(clip, start);
  for (let index = 0; index < count; index += 1) {
    const next = positionAt(clip, start + index + 1);
    const whole = Math.floor(here);
    const share = here - whole;
    if (next !== here) {
      for (const channel of [0, 1] as const) {
        const side = raw[channel];
        const [one, other] = [side[whole - low] ?? 0, side[whole - low + 1] ?? 0];
        out[channel][index] = one * (1 - share) + other * share;
      }
    }
    here = next;
  }
  return out;
};

const tone = (hz: number, level: number, first: number, count: number): Block => {
  const wave = Float32Array.from({ length: count }, (_, index) => {
    const turns = (first + index) * (hz / SAMPLE_RATE);
    const cycles = turns - Math.floor(turns);
    return level * (Math.round(Math.sin(2 * Math.PI * cycles) * TONE_DECIMALS) / TONE_DECIMALS);
  });
  return [wave, wave.slice()];
};

/** One channel of two goes to both sides. */
const chosen = (block: Block, channels: readonly number[]): Block => {
  const [only] = channels;
  if (channels.length !== 1 || only === undefined) return block;
  const side = block[only === 0 ? 0 : 1];
  return [side.slice(), side.slice()];
};
