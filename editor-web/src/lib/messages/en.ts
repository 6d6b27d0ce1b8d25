/** All text of the editor, as functions and constants; nothing is glued together elsewhere. */

import type { RefusalCode } from "@/timeline-core/refusal";
import { localized } from "./language";

const numbers = localized((locale) => new Intl.NumberFormat(locale));
const plural = localized((locale) => new Intl.PluralRules(locale));
const ago = localized((locale) => new Intl.RelativeTimeFormat(locale, { style: "narrow" }));

/** "1 edit", "12 edits". */
export const counted = (count: number, one: string, many: string): string =>
  `${numbers().format(count)} ${plural().select(count) === "one" ? one : many}`;

/** "2 s ago", for times up to some hours. */
export const since = (seconds: number): string => {
  if (seconds < 60) return ago().format(-Math.round(seconds), "second");
  if (seconds < 3600) return ago().format(-Math.round(seconds / 60), "minute");
  return ago().format(-Math.round(seconds / 3600), "hour");
};

export const saveStateText = {
  loading: () => "Opening...",
  saving: () => "Saving...",
  saved: (secondsAgo: number | null) =>
    secondsAgo === null ? "Saved" : `Saved · ${since(secondsAgo)}`,
  unsaved: () => "Not saved yet",
  offline: (edits: number) =>
    edits === 0 ? "Offline" : `Offline · ${counted(edits, "edit", "edits")} kept on this computer`,
  reconnecting: () => "Reconnecting",
  viewOnly: () => "View only",
  noAccess: () => "No access any more",
  full: () => "Project is full",
  signedOut: () => "Sign in again",
  unreadable: () => "Could not read your last edits",
  signIn: () => "Sign in",
  download: () => "Download what is here",
  reload: () => "Load again",
} as const;

/** Why an edit was not done, one sentence per code. */
export const refusalText: Readonly<Record<RefusalCode, string>> = {
  not_found: "That clip is not there any more.",
  track_locked: "The track is locked.",
  sync_would_break: "Something on another track is in the way. Turn off its sync lock, or move it.",
  not_adjacent: "The clips do not touch.",
  no_handle: "There is no more media beyond this edge.",
  too_short: "A clip cannot get shorter than one frame.",
  stale: "Somebody changed this meanwhile. Try again.",
  bad_argument: "This edit is not possible here.",
};

export const problemText = {
  unreachable: () => "The server cannot be reached. Your edits are kept on this computer.",
  retry: () => "Try again",
  details: () => "Details",
  trace: (id: string) => `Trace id ${id}`,
} as const;

export const undoText = {
  skipped: (count: number) =>
    `${counted(count, "change was", "changes were")} left alone: somebody changed it since.`,
  nothing: () => "Nothing left to undo",
} as const;
