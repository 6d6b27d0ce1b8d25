import { describe, expect, it, vi } from "vitest";
import { chordsOf, type KeyPress } from "./chord";
import { COMMAND_IDS, commandFor, keysOf, NEVER_BOUND } from "./keymap";
import { CommandRegistry } from "./registry";

const press = (key: string, code: string, held: Partial<KeyPress> = {}): KeyPress => ({
  key,
  code,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...held,
});

describe("chords", () => {
  it("editor-K1: matches a letter as it is typed, on any layout", () => {
    expect(chordsOf(press("q", "KeyA"), false)[0]).toBe("Q");
  });

  it("editor-K1: falls back to the place of the key where there is no Latin letter", () => {
    expect(chordsOf(press("ы", "KeyS"), false)).toContain("S");
  });

  it("editor-K1: tells Shift with letters and named keys", () => {
    expect(chordsOf(press("Z", "KeyZ", { ctrlKey: true, shiftKey: true }), false)).toEqual([
      "Ctrl+Shift+Z",
    ]);
    expect(chordsOf(press("ArrowLeft", "ArrowLeft", { shiftKey: true }), false)).toEqual([
      "Shift+ArrowLeft",
    ]);
  });

  it("editor-K1: finds the shortcuts sheet under ? and Ctrl+/", () => {
    const ids = (pressed: KeyPress) => chordsOf(pressed, false).map(commandFor);
    expect(ids(press("?", "Slash", { shiftKey: true }))).toContain("project.shortcuts");
    expect(ids(press("/", "Slash", { ctrlKey: true }))).toContain("project.shortcuts");
  });

  it("editor-K1: takes Cmd for Ctrl on a Mac", () => {
    expect(chordsOf(press("k", "KeyK", { metaKey: true }), true)).toEqual(["Ctrl+K"]);
    expect(chordsOf(press("k", "KeyK", { ctrlKey: true }), true)).toEqual(["K"]);
  });
});

describe("the keymap", () => {
  it("editor-K2: gives no chord to two commands", () => {
    const chords = COMMAND_IDS.flatMap(keysOf);
    expect(new Set(chords).size).toBe(chords.length);
  });

  it("editor-K2: leaves the browser's own keys alone", () => {
    for (const id of COMMAND_IDS)
      for (const keys of keysOf(id)) expect(NEVER_BOUND.has(keys)).toBe(false);
  });
});

describe("the registry", () => {
  it("editor-K2: runs the newest handler, and the one before it when that is gone", () => {
    const registry = new CommandRegistry();
    const split = vi.fn();
    const stop = registry.register({ "edit.split": split });
    expect(registry.commandOf(press("s", "KeyS"))).toBe("edit.split");
    expect(registry.run("edit.split")).toBe(true);
    expect(split).toHaveBeenCalledOnce();
    stop();
    expect(registry.commandOf(press("s", "KeyS"))).toBeUndefined();
    expect(registry.run("edit.split")).toBe(false);
  });
});
