/**
 * Order keys: texts that sort by code unit, with room for another between any two.
 *
 * Compatible with npm `fractional-indexing`: an integer part whose first character tells its length
 * (`a`..`z` count up from two characters, `Z`..`A` count down), then a fraction in base 62 without
 * a trailing zero. Deterministic: the same neighbours give the same key.
 */
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE = DIGITS.length;
const ZERO = "0";
const LAST = "z";
const FIRST = "a0";
const SMALLEST = `A${ZERO.repeat(26)}`; // has no integer below it, so it is never a key itself

const digitAt = (value: number): string => DIGITS.charAt(value);
const digitValue = (digit: string): number => DIGITS.indexOf(digit);

/** Keys that cannot be worked with: malformed, or not in order. */
export class BadOrderKey extends Error {
  constructor(detail: string) {
    super(`order: ${detail}`);
    this.name = "BadOrderKey";
  }
}

/** Characters of the integer part that begins with `head`; null where none does. */
const integerLength = (head: string): number | null => {
  const code = head.charCodeAt(0);
  if (head >= "a" && head <= "z") return code - "a".charCodeAt(0) + 2;
  if (head >= "A" && head <= "Z") return "Z".charCodeAt(0) - code + 2;
  return null;
};

/** Whether a text is a whole key, that is one that `keyBetween` can work with. */
export const isOrderKey = (text: string): boolean => {
  const length = text === "" ? null : integerLength(text.charAt(0));
  return (
    length !== null &&
    text.length >= length &&
    text !== SMALLEST &&
    [...text].every((character) => DIGITS.includes(character)) &&
    !(text.length > length && text.endsWith(ZERO))
  );
};

const check = (key: string | null): void => {
  if (key !== null && !isOrderKey(key))
    throw new BadOrderKey(`${key.slice(0, 64)} is no order key`);
};

/**
 * A key that sorts after `left` and before `right`; null is the open end.
 *
 * @throws BadOrderKey where a key is malformed or `left` does not sort before `right`.
 */
export const keyBetween = (left: string | null, right: string | null): string => {
  check(left);
  check(right);
  if (left === null) return right === null ? FIRST : before(right);
  if (right === null) return after(left);
  if (left >= right) throw new BadOrderKey(`${left} does not sort before ${right}`);
  return inside(left, right);
};

/** `count` keys in ascending order between `left` and `right`, as evenly as their length allows. */
export const keysBetween = (
  left: string | null,
  right: string | null,
  count: number,
): readonly string[] => {
  if (count <= 0) return [];
  if (count === 1) return [keyBetween(left, right)];
  if (right === null) return upwards(left, count);
  if (left === null) return downwards(right, count);
  const half = Math.floor(count / 2);
  const center = keyBetween(left, right);
  return [
    ...keysBetween(left, center, half),
    center,
    ...keysBetween(center, right, count - half - 1),
  ];
};

const upwards = (left: string | null, count: number): readonly string[] => {
  const keys: string[] = [];
  let last = left;
  for (let made = 0; made < count; made += 1) {
    last = keyBetween(last, null);
    keys.push(last);
  }
  return keys;
};

const downwards = (right: string, count: number): readonly string[] => {
  const keys: string[] = [];
  let first = right;
  for (let made = 0; made < count; made += 1) {
    first = keyBetween(null, first);
    keys.push(first);
  }
  return keys.reverse();
};

const parts = (key: string): readonly [string, string] => {
  const length = integerLength(key.charAt(0)) ?? 0;
  return [key.slice(0, length), key.slice(length)];
};

const before = (right: string): string => {
  const [integer, fraction] = parts(right);
  if (integer === SMALLEST) return integer + fractionBetween("", fraction);
  if (fraction !== "") return integer;
  return stepped(integer, -1) ?? integer;
};

const after = (left: string): string => {
  const [integer, fraction] = parts(left);
  return stepped(integer, 1) ?? integer + fractionBetween(fraction, null);
};

const inside = (left: string, right: string): string => {
  const [leftInteger, leftFraction] = parts(left);
  const [rightInteger, rightFraction] = parts(right);
  if (leftInteger === rightInteger)
    return leftInteger + fractionBetween(leftFraction, rightFraction);
  const following = stepped(leftInteger, 1);
  if (following !== null && following < right) return following;
  return leftInteger + fractionBetween(leftFraction, null);
};

/** The integer part one higher or lower, null past the last one. */
const stepped = (integer: string, by: 1 | -1): string | null => {
  const head = integer.charAt(0);
  const digits = [...integer.slice(1)].map(digitValue);
  for (let place = digits.length - 1; place >= 0; place -= 1) {
    const next = ((digits[place] ?? 0) + by + BASE) % BASE;
    digits[place] = next;
    if (next !== (by > 0 ? 0 : BASE - 1)) return head + digits.map(digitAt).join("");
  }
  return nextHead(head, digits.length, by);
};

/** The neighbour of a run of integers: `az` is followed by `b00`, `Z0` by `a0`. */
const nextHead = (head: string, length: number, by: 1 | -1): string | null => {
  const digit = by > 0 ? ZERO : LAST;
  if (head === (by > 0 ? "Z" : "a")) return (by > 0 ? "a" : "Z") + digit;
  if (head === (by > 0 ? "z" : "A")) return null;
  const following = String.fromCharCode(head.charCodeAt(0) + by);
  const grows = by > 0 ? following > "a" : following < "Z";
  return following + digit.repeat(grows ? length + 1 : length - 1);
};

/** A fraction between two, as short as can be; right null counts as one. */
const fractionBetween = (from: string, to: string | null): string => {
  let prefix = "";
  let left = from;
  let right = to;
  for (;;) {
    if (right !== null) {
      let shared = 0;
      while (shared < right.length && (left.charAt(shared) || ZERO) === right.charAt(shared)) {
        shared += 1;
      }
      prefix += right.slice(0, shared);
      left = left.slice(shared);
      right = right.slice(shared);
    }
    const low = left === "" ? 0 : digitValue(left.charAt(0));
    const high = right === null || right === "" ? BASE : digitValue(right.charAt(0));
    // Halves round up.
    if (high - low > 1) return prefix + digitAt(Math.floor((low + high + 1) / 2));
    if (right !== null && right.length > 1) return prefix + right.charAt(0);
    prefix += digitAt(low);
    left = left.slice(1);
    right = null;
  }
};
