/**
 * Time: ticks, rates, and every conversion between them.
 *
 * A tick is one flick, 1/705 600 000 s. Positions are whole numbers up to 2^50, so they are safe
 * in a JavaScript number; products of them are not, so every conversion computes in BigInt. Floor
 * goes towards minus infinity. Seconds as floats are refused by the whole core.
 */

export type Flicks = number & { readonly __unit: "flicks" };
export type Frames = number & { readonly __unit: "frames" };
export type Samples = number & { readonly __unit: "samples" };

/** Frames or samples per second, `num/den`, both positive, as given (not reduced). */
export interface Rate {
  readonly num: number;
  readonly den: number;
}

export const TICKS = 705_600_000; // per second
export const TICK_MAX = 2 ** 50; // 443 hours

const TICKS_BIG = BigInt(TICKS);

/** Marks a whole number as ticks; for literals and values whose range was checked. */
export const flicks = (value: number): Flicks => value as Flicks;

/** Marks a whole number as output frames. */
export const frames = (value: number): Frames => value as Frames;

export const rate = (num: number, den = 1): Rate => {
  if (num < 1 || den < 1) throw new RangeError(`a rate is positive, not ${num}/${den}`);
  return { num, den };
};

/** Quotient towards minus infinity; BigInt's own division truncates. `divisor` > 0. */
export const floorDiv = (dividend: bigint, divisor: bigint): bigint => {
  const quotient = dividend / divisor;
  return dividend % divisor < 0n ? quotient - 1n : quotient;
};

/** floor(a * b / c) without loss; `c` > 0. */
export const mulDiv = (a: number, b: number, c: number): number => {
  const product = a * b;
  if (Number.isSafeInteger(product)) return exactFloor(product, c);
  return Number(floorDiv(BigInt(a) * BigInt(b), BigInt(c)));
};

// Both are safe integers, so the remainder is exact where a float quotient may round up.
const exactFloor = (dividend: number, divisor: number): number => {
  const remainder = dividend % divisor;
  const quotient = (dividend - remainder) / divisor;
  return remainder < 0 ? quotient - 1 : quotient;
};

/** The tick at which a frame begins, to the nearest [timeline-T1]. */
export const tick = (number: Frames, { num, den }: Rate): Flicks =>
  flicks(
    Number(floorDiv(2n * BigInt(number) * TICKS_BIG * BigInt(den) + BigInt(num), 2n * BigInt(num))),
  );

/** The tick at the middle of a frame: what an output frame shows [timeline-T2]. */
export const middle = (number: Frames, { num, den }: Rate): Flicks =>
  flicks(Number(floorDiv((2n * BigInt(number) + 1n) * TICKS_BIG * BigInt(den), 2n * BigInt(num))));

/** The first frame whose middle is at or after `at`: where a boundary falls [timeline-T3]. */
export const frame = (at: Flicks, { num, den }: Rate): Frames => {
  const perFrame = TICKS_BIG * BigInt(den);
  return frames(Number(-floorDiv(perFrame - 2n * BigInt(at) * BigInt(num), 2n * perFrame)));
};

/** The sample on which a sound boundary falls [timeline-T4]. */
export const sample = (at: Flicks, sampleRate: number): Samples =>
  frame(at, rate(sampleRate)) as number as Samples;

/** The frame that contains `at`; only for labels (timecode) and for source pictures [timeline-T5]. */
export const frameContaining = (at: Flicks, { num, den }: Rate): Frames =>
  frames(Number(floorDiv(BigInt(at) * BigInt(num), TICKS_BIG * BigInt(den))));

/** The start of the frame nearest to `at` [timeline-E2]. */
export const snapped = (at: Flicks, grid: Rate): Flicks => {
  const perFrame = TICKS_BIG * BigInt(grid.den);
  const nearest = floorDiv(2n * BigInt(at) * BigInt(grid.num) + perFrame, 2n * perFrame);
  return tick(frames(Number(nearest)), grid);
};

/** Local time of a clip at sequence tick `at` [timeline-T6]. */
export const local = (
  at: Flicks,
  start: Flicks,
  sourceIn: Flicks,
  speedNum = 1,
  speedDen = 1,
): Flicks => flicks(sourceIn + mulDiv(at - start, speedNum, speedDen));

const divmod = (dividend: number, divisor: number): readonly [number, number] => {
  const quotient = Math.floor(dividend / divisor);
  return [quotient, dividend - quotient * divisor];
};

export interface TimecodeOptions {
  readonly startTc?: Flicks;
  readonly dropFrame?: boolean;
}

/** Frames counted by a label of nominal rate: drop-frame leaves out labels, never pictures. */
const labelNumber = (number: number, { den }: Rate, nominal: number, dropFrame: boolean) => {
  if (!dropFrame || den !== 1001 || nominal % 30 !== 0) return number;
  const dropped = nominal / 15; // labels left out in each minute but every tenth
  const perMinute = nominal * 60 - dropped;
  const [tens, rest] = divmod(number, perMinute * 10 + dropped);
  const minutes = rest >= dropped ? Math.floor((rest - dropped) / perMinute) : 0;
  return number + dropped * (9 * tens + minutes);
};

/** `HH:MM:SS:FF` for people, `;` before frames when drop-frame (SMPTE ST 12-1) [timeline-T7]. */
export const timecode = (at: Flicks, grid: Rate, options: TimecodeOptions = {}): string => {
  const { startTc = flicks(0), dropFrame = false } = options;
  const nominal = Math.ceil(grid.num / grid.den);
  const contained = frameContaining(flicks(at + startTc), grid);
  const [allSeconds, frameLabel] = divmod(
    labelNumber(contained, grid, nominal, dropFrame),
    nominal,
  );
  const [allMinutes, seconds] = divmod(allSeconds, 60);
  const [hours, minutes] = divmod(allMinutes, 60);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(hours)}:${two(minutes)}:${two(seconds)}${dropFrame ? ";" : ":"}${two(frameLabel)}`;
};
