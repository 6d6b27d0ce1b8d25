/** What people type into a number field: a number, or a sum of it (`1920/2`, `+10`, `*1.5`). */

/** The value meant by `typed`; null where it means none. A leading operator works on `current`. */
export function parseNumber(typed: string, current: number): number | null {
  const text = typed
    .trim()
    .replaceAll(",", ".")
    .replaceAll("×", "*")
    .replaceAll("÷", "/")
    .replaceAll("−", "-");
  if (text === "") return null;
  // `-5` alone is a number; only + * / at the front mean "from what stands there".
  const complete = /^[+*/]/.test(text) ? `${current}${text}` : text;
  const tokens = tokenise(complete);
  const value = tokens ? sum(tokens) : null;
  const whole = tokens?.length === 0; // a lone closing bracket is left over
  return value !== null && whole && Number.isFinite(value) ? value : null;
}

type Token = number | "+" | "-" | "*" | "/" | "(" | ")";

function tokenise(text: string): Token[] | null {
  const tokens: Token[] = [];
  const pattern = /\s*(?:(\d+\.?\d*|\.\d+)(?:\s*(?:%|°|dB|px))?|([-+*/()]))/giy;
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (!match) return null;
    tokens.push(match[1] === undefined ? (match[2] as Token) : Number(match[1]));
    if (text.slice(pattern.lastIndex).trim() === "") break;
  }
  return tokens;
}

function sum(tokens: Token[]): number | null {
  let value = product(tokens);
  while (value !== null && (tokens[0] === "+" || tokens[0] === "-")) {
    const sign = tokens.shift() === "+" ? 1 : -1;
    const next = product(tokens);
    value = next === null ? null : value + sign * next;
  }
  return tokens.length === 0 || tokens[0] === ")" ? value : null;
}

function product(tokens: Token[]): number | null {
  let value = atom(tokens);
  while (value !== null && (tokens[0] === "*" || tokens[0] === "/")) {
    const times = tokens.shift() === "*";
    const next = atom(tokens);
    value = next === null ? null : times ? value * next : value / next;
  }
  return value;
}

function atom(tokens: Token[]): number | null {
  const token = tokens.shift();
  if (typeof token === "number") return token;
  if (token === "-" || token === "+") {
    const value = atom(tokens);
    return value === null ? null : token === "-" ? -value : value;
  }
  if (token !== "(") return null;
  const value = sum(tokens);
  return tokens.shift() === ")" ? value : null;
}

export const clamped = (value: number, min: number, max: number): number =>
  Math.min(max, Math.max(min, value));

/** Rounds to a number of digits without a tail of float noise. */
export const rounded = (value: number, digits: number): number => {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
};
