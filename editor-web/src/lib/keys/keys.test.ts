import { describe, expect, it, vi } from "vitest";
import { Bindings, keyChoiceOf, PRESETS, remapped } from "./bindings";
import { chooseKeys, presetTable, useKeys } from "./choice";
import { chordsOf, type KeyPress } from "./chord";
import { COMMAND_IDS, isBindable, isCommand, scopeOf } from "./keymap";
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

const usual = new Bindings();

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
    const ids = (pressed: KeyPress) =>
      chordsOf(pressed, false).map((chord) => usual.commandFor(chord));
    expect(ids(press("?", "Slash", { shiftKey: true }))).toContain("project.shortcuts");
    expect(ids(press("/", "Slash", { ctrlKey: true }))).toContain("project.shortcuts");
  });

  it("editor-K1: takes Cmd for Ctrl on a Mac", () => {
    expect(chordsOf(press("k", "KeyK", { metaKey: true }), true)).toEqual(["Ctrl+K"]);
    expect(chordsOf(press("k", "KeyK", { ctrlKey: true }), true)).toEqual(["K"]);
  });
});

const chordsByScope = (bindings: Bindings): readonly string[] =>
  COMMAND_IDS.flatMap((id) => bindings.keysOf(id).map((chord) => `${scopeOf(id)} ${chord}`));

describe("the keymap", () => {
  it.each(PRESETS)("editor-K2: gives no chord to two commands in %s", async (preset) => {
    const chords = chordsByScope(new Bindings(await presetTable(preset)));
    expect(new Set(chords).size).toBe(chords.length);
  });

  it.each(PRESETS)("editor-K2: leaves the browser's own keys alone in %s", async (preset) => {
    const bindings = new Bindings(await presetTable(preset));
    for (const id of COMMAND_IDS)
      for (const keys of bindings.keysOf(id))
        expect([keys, isBindable(keys)]).toEqual([keys, true]);
  });

  it.each(PRESETS)("editor-K3: names only commands that there are in %s", async (preset) => {
    expect(Object.keys(await presetTable(preset)).filter((id) => !isCommand(id))).toEqual([]);
  });
});

describe("remapping", () => {
  it("editor-K3: tells who has a chord, and takes it from there only when it is given away", () => {
    expect(usual.conflict("edit.split", "Q")).toBe("edit.ripple-trim-start");
    expect(usual.conflict("edit.split", "S")).toBeUndefined();
    const bindings = new Bindings(remapped(usual, {}, "edit.split", ["Q"]));
    expect(bindings.commandFor("Q")).toBe("edit.split");
    expect(bindings.commandFor("S")).toBeUndefined();
    expect(bindings.keysOf("edit.ripple-trim-start")).toEqual([]);
  });

  it("editor-K3: keeps a chord of the media scope apart from the editor's", () => {
    expect(usual.conflict("edit.extend", "E")).toBeUndefined();
    expect(usual.commandFor("E", "media")).toBe("media.append");
    expect(usual.commandFor("E")).toBe("edit.extend");
  });

  it("editor-K3: lays what a person chose over a preset", async () => {
    await chooseKeys({ preset: "premiere", remaps: { "tool.blade": ["B"] } });
    const { bindings } = useKeys.getState();
    expect(bindings.commandFor("B")).toBe("tool.blade");
    expect(bindings.keysOf("tool.ripple")).toEqual([]);
    await chooseKeys({ preset: "cutroom", remaps: {} });
    expect(useKeys.getState().bindings.commandFor("B")).toBeUndefined();
  });

  it("editor-K4: reads back what it wrote, without commands of other versions", () => {
    const file = { preset: "resolve", remaps: { "edit.split": ["Shift+S"], "edit.dance": ["Q"] } };
    expect(keyChoiceOf(JSON.parse(JSON.stringify(file)))).toEqual({
      preset: "resolve",
      remaps: { "edit.split": ["Shift+S"] },
    });
  });

  it.each([
    null,
    { preset: "emacs" },
    { preset: "cutroom", remaps: [] },
    { preset: "cutroom", remaps: { "edit.split": "S" } },
    { preset: "cutroom", remaps: { "edit.split": ["Ctrl+T"] } },
    { preset: "cutroom", remaps: { "edit.split": ["<script>"] } },
    { preset: "cutroom", remaps: { "edit.split": ["S"], "edit.lift": ["S"] } },
  ])("editor-K4: refuses %j", (file) => {
    expect(keyChoiceOf(file)).toBeNull();
  });
});

describe("the registry", () => {
  it("editor-K2: runs the newest handler, and the one before it when that is gone", () => {
    const registry = new CommandRegistry(() => usual);
    const [split, other] = [vi.fn(), vi.fn()];
    const stop = registry.register({ "edit.split": split });
    const stopOther = registry.register({ "edit.split": other });
    expect(registry.commandOf(press("s", "KeyS"))).toBe("edit.split");
    expect(registry.run("edit.split")).toBe(true);
    expect(other).toHaveBeenCalledOnce();
    stopOther();
    registry.run("edit.split");
    expect(split).toHaveBeenCalledOnce();
    stop();
    expect(registry.commandOf(press("s", "KeyS"))).toBeUndefined();
    expect(registry.run("edit.split")).toBe(false);
  });

  it("editor-K1: knows which keys are held, until they or the window are let go", () => {
    const registry = new CommandRegistry(() => usual);
    registry.keyDown("KeyK", "play.stop");
    expect(registry.isHeld("play.stop")).toBe(true);
    registry.keyUp("KeyK");
    expect(registry.isHeld("play.stop")).toBe(false);
    registry.keyDown("KeyK", "play.stop");
    registry.letGo();
    expect(registry.isHeld("play.stop")).toBe(false);
  });
});
