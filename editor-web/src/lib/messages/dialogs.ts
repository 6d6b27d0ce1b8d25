/** The words of the dialogs of the editor. */
import { counted } from "./en";

export const sayShare = {
  title: "Share",
  intro: "Whoever has a link may open this project with the role of the link.",
  role: "Role of the link",
  create: "Create link",
  links: "Links",
  none: "No links yet",
  copy: "Copy link",
  revoke: "Take back",
  roleHints: {
    editor: "May cut, export and invite",
    commenter: "May watch and comment",
    viewer: "May watch",
  } as Readonly<Record<string, string>>,
  here: "Here now",
  atThisTime: "Copy link at this time",
  failed: "The links could not be loaded",
} as const;

export const sayShortcuts = {
  title: "Keyboard shortcuts",
  search: "Search shortcuts",
  none: "No command of that name",
  preset: "Keys of",
  presets: {
    cutroom: "Cutroom",
    premiere: "Premiere Pro",
    resolve: "DaVinci Resolve",
    "final-cut": "Final Cut Pro",
    capcut: "CapCut",
  },
  change: (name: string) => `Change the keys of ${name}`,
  press: "Press the new keys, Esc to leave",
  listening: (name: string) => `Press the new keys for ${name}, or Esc to leave`,
  noKeys: "No keys",
  conflict: (keys: string, holder: string) => `${keys} is “${holder}” now.`,
  takeOver: "Use it here instead",
  keep: "Leave it",
  browsers: (keys: string) => `${keys} belongs to the browser.`,
  clear: (name: string) => `Remove the keys of ${name}`,
  usual: (name: string) => `Back to the usual keys of ${name}`,
  save: "Save as file",
  load: "Open file",
  restore: "Undo all changes",
  badFile: "This file holds no shortcuts",
  loaded: (count: number) => `Shortcuts taken over, ${counted(count, "change", "changes")}`,
  mouse: "With the mouse",
  gestures: [
    ["Drag a clip", "moves it with its links; drop overwrites"],
    ["Ctrl while dropping", "inserts and moves later clips"],
    ["Shift while dragging", "keeps the time, changes the track"],
    ["Alt while dragging", "ignores snapping"],
    ["Alt, then drag", "duplicates"],
    ["Drag an edge", "trims; Ctrl ripples"],
    ["Drag on a cut", "rolls the cut"],
    ["Esc during a drag", "puts everything back"],
    ["Ctrl+wheel", "zooms at the pointer"],
    ["Shift+wheel", "scrolls through time"],
    ["Middle button drag", "pans"],
  ] as readonly (readonly [string, string])[],
} as const;

export const sayPalette = {
  title: "Commands",
  search: "Type a command",
  none: "No command of that name",
} as const;
