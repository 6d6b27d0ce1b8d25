/** Every command that has a key, once: what it is called, where it belongs, and its keys. */

export type CommandGroup = "play" | "edit" | "select" | "tools" | "view" | "project";

const COMMANDS = {
  "play.toggle": ["play", "Space"],
  "play.stop": ["play", "K"],
  "play.forward": ["play", "L"],
  "play.backward": ["play", "J"],
  "play.previous-frame": ["play", "ArrowLeft"],
  "play.next-frame": ["play", "ArrowRight"],
  "play.back-second": ["play", "Shift+ArrowLeft"],
  "play.forward-second": ["play", "Shift+ArrowRight"],
  "play.previous-cut": ["play", "ArrowUp"],
  "play.next-cut": ["play", "ArrowDown"],
  "play.start": ["play", "Home"],
  "play.end": ["play", "End"],
  "range.in": ["play", "I"],
  "range.out": ["play", "O"],
  "range.clear": ["play", "Alt+X"],
  "range.go-in": ["play", "Shift+I"],
  "range.go-out": ["play", "Shift+O"],
  "marker.add": ["play", "M"],
  "marker.next": ["play", "Shift+M"],
  "marker.previous": ["play", "Ctrl+Shift+M"],
  "edit.split": ["edit", "S", "Ctrl+K", "Ctrl+B"],
  "edit.ripple-trim-start": ["edit", "Q"],
  "edit.ripple-trim-end": ["edit", "W"],
  "edit.trim-start": ["edit", "["],
  "edit.trim-end": ["edit", "]"],
  "edit.lift": ["edit", "Delete", "Backspace"],
  "edit.ripple-delete": [
    "edit",
    "Shift+Delete",
    "Ctrl+Delete",
    "Shift+Backspace",
    "Ctrl+Backspace",
  ],
  "edit.nudge-left": ["edit", ","],
  "edit.nudge-right": ["edit", "."],
  "edit.nudge-left-ten": ["edit", "Shift+,", "<"],
  "edit.nudge-right-ten": ["edit", "Shift+.", ">"],
  "edit.track-up": ["edit", "Alt+ArrowUp"],
  "edit.track-down": ["edit", "Alt+ArrowDown"],
  "edit.copy": ["edit", "Ctrl+C"],
  "edit.cut": ["edit", "Ctrl+X"],
  "edit.paste": ["edit", "Ctrl+V"],
  "edit.paste-insert": ["edit", "Ctrl+Shift+V"],
  "edit.undo": ["edit", "Ctrl+Z"],
  "edit.redo": ["edit", "Ctrl+Shift+Z", "Ctrl+Y"],
  "edit.title": ["edit", "T"],
  "edit.transition": ["edit", "D"],
  "select.all": ["select", "Ctrl+A"],
  "select.none": ["select", "Escape"],
  "select.next-gap": ["select", "G"],
  "tool.select": ["tools", "V"],
  "tool.blade": ["tools", "C"],
  "tool.slip": ["tools", "Y"],
  "tool.slide": ["tools", "U"],
  "tool.snap": ["tools", "N"],
  "view.zoom-in": ["view", "="],
  "view.zoom-out": ["view", "-"],
  "view.fit": ["view", "Shift+Z", "\\"],
  "view.others": ["view", "Ctrl+Alt+\\"],
  "view.region": ["view", "F6"],
  "project.export": ["project", "Ctrl+Shift+E"],
  "project.save": ["project", "Ctrl+S"],
  "project.shortcuts": ["project", "?", "Ctrl+/"],
  "project.palette": ["project", "Ctrl+Shift+K"],
} as const satisfies Readonly<Record<string, readonly [CommandGroup, ...string[]]>>;

export type CommandId = keyof typeof COMMANDS;

export const COMMAND_IDS = Object.keys(COMMANDS) as CommandId[];

export const groupOf = (id: CommandId): CommandGroup => COMMANDS[id][0];

export const keysOf = (id: CommandId): readonly string[] => COMMANDS[id].slice(1);

export const firstKey = (id: CommandId): string => COMMANDS[id][1];

const BY_CHORD: ReadonlyMap<string, CommandId> = new Map(
  COMMAND_IDS.flatMap((id) => keysOf(id).map((keys) => [keys, id] as const)),
);

export const commandFor = (chord: string): CommandId | undefined => BY_CHORD.get(chord);

/** The browser's own; never bound. */
export const NEVER_BOUND: ReadonlySet<string> = new Set(
  [..."TWNLDPFR"].map((letter) => `Ctrl+${letter}`).concat(["Alt+ArrowLeft", "Alt+ArrowRight"]),
);
