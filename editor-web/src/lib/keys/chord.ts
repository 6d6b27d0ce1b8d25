/**
 * Key presses as chords: `Ctrl+Shift+Z`, `ArrowLeft`, `Shift+,`.
 *
 * Ctrl is Cmd on macOS. A letter matches by `event.key`, or by `event.code` where the layout has no
 * Latin letter; a sign matches as it is typed, or by the key it sits on.
 */

export type KeyPress = Pick<
  KeyboardEvent,
  "key" | "code" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey"
>;

const SIGNS_BY_CODE: Readonly<Record<string, string>> = {
  Comma: ",",
  Period: ".",
  Slash: "/",
  Backslash: "\\",
  BracketLeft: "[",
  BracketRight: "]",
  Minus: "-",
  Equal: "=",
  Backquote: "`",
};

const isMac = (): boolean => /Mac|iPhone|iPad/.test(globalThis.navigator?.userAgent ?? "");

/** Every chord this press may mean, the most literal first. */
export function chordsOf(press: KeyPress, mac = isMac()): readonly string[] {
  const ctrl = mac ? press.metaKey : press.ctrlKey;
  const named = (key: string, shift: boolean): string =>
    `${ctrl ? "Ctrl+" : ""}${press.altKey ? "Alt+" : ""}${shift ? "Shift+" : ""}${key}`;
  const key = press.key === " " ? "Space" : press.key;
  if (key.length > 1) return [named(key, press.shiftKey)];
  if (/^[a-z]$/i.test(key)) return [named(key.toUpperCase(), press.shiftKey)];
  const digit = /^Digit(\d)$/.exec(press.code)?.[1];
  if (/^\d$/.test(key)) return [named(key, press.shiftKey)];
  const letter = /^Key([A-Z])$/.exec(press.code)?.[1];
  const onKey = letter ?? digit ?? SIGNS_BY_CODE[press.code];
  const typed = named(key, false); // the sign already tells that Shift was held
  return onKey === undefined ? [typed] : [typed, named(onKey, press.shiftKey)];
}
