/** When the price on the button is asked again: after the hands rest, and not too often. Pure. */
const REST_MS = 5000;
const APART_MS = 15_000;

/** Milliseconds from now until the price may be asked; `asked` is null before the first time. */
export const priceDueIn = (now: number, edited: number, asked: number | null): number =>
  Math.max(0, edited + REST_MS - now, asked === null ? 0 : asked + APART_MS - now);
