/** Guards for what comes from outside, put together from small ones; keys that are not named may be there. */

export type Guard<T> = (value: unknown) => value is T;
export type Guarded<G> = G extends Guard<infer T> ? T : never;

type Guards = Readonly<Record<string, Guard<unknown>>>;
type Shape<R extends Guards, O extends Guards> = {
  [K in keyof R]: Guarded<R[K]>;
} & { [K in keyof O]?: Guarded<O[K]> | undefined };

export const isString: Guard<string> = (value) => typeof value === "string";

/** Neither NaN nor an infinity. */
export const isNumber: Guard<number> = (value): value is number => Number.isFinite(value);

/** One of some words. */
export const isWord =
  <const T extends string>(...words: readonly T[]): Guard<T> =>
  (value): value is T =>
    (words as readonly unknown[]).includes(value);

export const isNullOr =
  <T>(guard: Guard<T>): Guard<T | null> =>
  (value): value is T | null =>
    value === null || guard(value);

export const isEither =
  <A, B>(one: Guard<A>, other: Guard<B>): Guard<A | B> =>
  (value): value is A | B =>
    one(value) || other(value);

export const isListOf =
  <T>(guard: Guard<T>): Guard<T[]> =>
  (value): value is T[] =>
    Array.isArray(value) && value.every((item) => guard(item));

/** An object that is no list. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** An object whose values all are of one kind. */
export const isRecordOf =
  <T>(guard: Guard<T>): Guard<Record<string, T>> =>
  (value): value is Record<string, T> =>
    isObject(value) && Object.values(value).every((item) => guard(item));

/** An object with these keys; the optional ones may be missing. */
export const isShape =
  <R extends Guards, O extends Guards = Record<never, never>>(
    required: R,
    optional?: O,
  ): Guard<Shape<R, O>> =>
  (value): value is Shape<R, O> =>
    isObject(value) &&
    Object.entries(required).every(([key, guard]) => guard(value[key])) &&
    Object.entries(optional ?? {}).every(
      ([key, guard]) => value[key] === undefined || guard(value[key]),
    );

export type Plain = null | string | number | boolean | Plain[] | { [key: string]: Plain };

export const isJson: Guard<Plain> = (value): value is Plain =>
  value === null ||
  typeof value === "string" ||
  typeof value === "boolean" ||
  isNumber(value) ||
  (Array.isArray(value)
    ? value.every(isJson)
    : isObject(value) && Object.values(value).every(isJson));
