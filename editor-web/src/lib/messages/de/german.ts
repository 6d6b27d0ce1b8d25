/** German in the place of English. Slates stay: they stand in films as well, in the same words. */
import { sayAccount } from "../account";
import { sayCaptions } from "../captions";
import { sayCoach } from "../coach";
import { command, commandGroup } from "../commands";
import { sayComments } from "../comments";
import { sayCredits } from "../credits";
import { sayPalette, sayShare, sayShortcuts } from "../dialogs";
import { sayEffects } from "../effects";
import { problemText, refusalText, saveStateText, undoText } from "../en";
import { sayExports } from "../exports";
import { sayTimes } from "../figures";
import { sayHandles } from "../handles";
import { sayHistory } from "../history";
import { sayInspector } from "../inspector";
import { sayKeyframes } from "../keyframes";
import { sayLook } from "../look";
import { put } from "../merge";
import { openIdFaults, sayProjects, saySignIn } from "../pages";
import { previewText } from "../preview";
import { sayReview } from "../review";
import { say } from "../screens";
import { saySequences } from "../sequences";
import { saySource } from "../source";
import { sayTitles } from "../titles";
import { sayTrim } from "../trim";
import { sayWorkspace } from "../workspace";
import { account } from "./account";
import { credits } from "./credits";
import { commands, editor, groups } from "./editor";
import { history } from "./history";
import * as pages from "./pages";
import * as panels from "./panels";
import { workspace } from "./workspace";

/** Each English tree with its German one. */
export const PAIRS: readonly (readonly [name: string, english: object, german: object])[] = [
  ["command", command, commands],
  ["commandGroup", commandGroup, groups],
  ["say", say, editor],
  ["sayAccount", sayAccount, account],
  ["sayWorkspace", sayWorkspace, workspace],
  ["sayCaptions", sayCaptions, panels.captions],
  ["sayCoach", sayCoach, panels.coach],
  ["sayComments", sayComments, panels.comments],
  ["sayShare", sayShare, panels.share],
  ["sayShortcuts", sayShortcuts, panels.shortcuts],
  ["sayPalette", sayPalette, panels.palette],
  ["sayCredits", sayCredits, credits],
  ["sayEffects", sayEffects, panels.effects],
  ["sayExports", sayExports, panels.exports],
  ["sayHandles", sayHandles, panels.handles],
  ["sayHistory", sayHistory, history],
  ["sayInspector", sayInspector, panels.inspector],
  ["sayKeyframes", sayKeyframes, panels.keyframes],
  ["sayLook", sayLook, panels.look],
  ["sayReview", sayReview, panels.review],
  ["saySequences", saySequences, panels.sequences],
  ["saySource", saySource, panels.source],
  ["sayTitles", sayTitles, panels.titles],
  ["sayTrim", sayTrim, panels.trim],
  ["saySignIn", saySignIn, pages.signIn],
  ["openIdFaults", openIdFaults, pages.faults],
  ["sayProjects", sayProjects, pages.projects],
  ["previewText", previewText, pages.preview],
  ["saveStateText", saveStateText, pages.saveState],
  ["refusalText", refusalText, pages.refusals],
  ["problemText", problemText, pages.problems],
  ["undoText", undoText, pages.undo],
  ["sayTimes", sayTimes, pages.times],
];

export function putGerman(): void {
  for (const [, english, german] of PAIRS) put(english, german);
}
