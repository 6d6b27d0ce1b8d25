/** Every command, once: where it belongs, and the keys it has when nobody chose others. */

export type CommandGroup = "play" | "edit" | "select" | "tools" | "view" | "project" | "media";

/** Where a chord means something: the whole editor, or a piece of media that has the focus. */
export type KeyScope = "editor" | "media";

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
  "play.loop": ["play", "Shift+L"],
  "play.scrub-sound": ["play"],
  "range.in": ["play", "I"],
  "range.out": ["play", "O"],
  "range.clip": ["play", "X"],
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
  "edit.extend": ["edit", "E"],
  "edit.lift": ["edit", "Delete", "Backspace"],
  "edit.ripple-delete": [
    "edit",
    "Shift+Delete",
    "Ctrl+Delete",
    "Shift+Backspace",
    "Ctrl+Backspace",
  ],
  "edit.lift-range": ["edit", ";"],
  "edit.extract-range": ["edit", "'"],
  "edit.delete-left": ["edit", "Alt+Q"],
  "edit.delete-right": ["edit", "Alt+W"],
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
  "edit.paste-attributes": ["edit", "Ctrl+Alt+V"],
  "edit.duplicate": ["edit", "Shift+D"],
  "edit.undo": ["edit", "Ctrl+Z"],
  "edit.redo": ["edit", "Ctrl+Shift+Z", "Ctrl+Y"],
  "edit.title": ["edit", "T"],
  "edit.transition": ["edit", "D"],
  "edit.enable": ["edit", "Shift+E"],
  "edit.link": ["edit", "Ctrl+Alt+L"],
  "edit.group": ["edit", "Ctrl+G"],
  "edit.ungroup": ["edit", "Ctrl+Shift+G"],
  "edit.join": ["edit"],
  "edit.swap": ["edit"],
  "edit.reverse": ["edit", "Ctrl+Alt+R"],
  "edit.freeze": ["edit", "Shift+F"],
  "edit.nest": ["edit", "Alt+N"],
  "edit.un-nest": ["edit"],
  "edit.fit-range": ["edit"],
  "track.add-video": ["edit"],
  "track.add-audio": ["edit"],
  "track.add-captions": ["edit"],
  "track.up": ["edit"],
  "track.down": ["edit"],
  "edit.adjustment": ["edit"],
  "effect.color": ["edit"],
  "effect.lut": ["edit"],
  "effect.blur": ["edit"],
  "select.all": ["select", "Ctrl+A"],
  "select.none": ["select", "Escape"],
  "select.next-gap": ["select", "G"],
  "select.forward": ["select", "Alt+A"],
  "tool.select": ["tools", "V"],
  "tool.blade": ["tools", "C"],
  "tool.slip": ["tools", "Y"],
  "tool.slide": ["tools", "U"],
  "tool.snap": ["tools", "N"],
  "tool.ripple": ["tools", "R"],
  "tool.linked": ["tools", "Shift+K"],
  "view.zoom-in": ["view", "="],
  "view.zoom-out": ["view", "-"],
  "view.fit": ["view", "Shift+Z", "\\"],
  "view.others": ["view", "Ctrl+Alt+\\"],
  "view.region": ["view", "F6"],
  "view.fullscreen": ["view", "F"],
  "view.maximise": ["view", "`"],
  "view.safe-areas": ["view", "Alt+S"],
  "view.quality": ["view"],
  "view.scopes": ["view", "Alt+G"],
  "view.comments": ["view"],
  "view.captions": ["view"],
  "view.theme": ["view"],
  "comment.add": ["project", "Alt+C"],
  "sequence.new": ["project"],
  "captions.import": ["project"],
  "captions.export": ["project"],
  "project.export": ["project", "Ctrl+Shift+E"],
  "project.save": ["project", "Ctrl+S"],
  "project.shortcuts": ["project", "?", "Ctrl+/"],
  "project.palette": ["project", "Ctrl+Shift+K"],
  "project.language": ["project"],
  "media.insert": ["media", "Enter"],
  "media.overwrite": ["media", "Shift+Enter"],
  "media.append": ["media", "E"],
  "media.source": ["media", "O"],
} as const satisfies Readonly<Record<string, readonly [CommandGroup, ...string[]]>>;

export type CommandId = keyof typeof COMMANDS;

export const COMMAND_IDS = Object.keys(COMMANDS) as CommandId[];

export const isCommand = (id: string): id is CommandId => Object.hasOwn(COMMANDS, id);

export const groupOf = (id: CommandId): CommandGroup => COMMANDS[id][0];

export const scopeOf = (id: CommandId): KeyScope => (groupOf(id) === "media" ? "media" : "editor");

/** The keys a command has in Cutroom's own table. */
export const usualKeys = (id: CommandId): readonly string[] => COMMANDS[id].slice(1);

/** The browser's own; never bound. */
export const NEVER_BOUND: ReadonlySet<string> = new Set(
  [..."TWNLDPFR"].map((letter) => `Ctrl+${letter}`).concat(["Alt+ArrowLeft", "Alt+ArrowRight"]),
);

const CHORD = /^(Ctrl\+)?(Alt\+)?(Shift\+)?([A-Z0-9]|F\d{1,2}|[^\sA-Za-z0-9]|[A-Z][a-zA-Z]{2,14})$/;

/** Whether a chord may be given to a command: written as `chordsOf` writes it, and free of the browser's. */
export const isBindable = (chord: string): boolean =>
  CHORD.test(chord) && !NEVER_BOUND.has(chord) && chord !== "Tab" && chord !== "Shift+Tab";
