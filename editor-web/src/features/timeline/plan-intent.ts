/** Drafts of the pointer as commands of the core, and what they would change, as ghosts. */

import type { Command } from "@/timeline-core/commands";
import type { AssetTable } from "@/timeline-core/media";
import { applied, type Edit, type TimelineDocument } from "@/timeline-core/model";
import { EditRefused } from "@/timeline-core/refusal";
import type { Intent } from "./gestures/gesture";
import type { ClipNames, ViewBuilder } from "./model/build-view";
import { allClips, type ClipView, type TimelineView } from "./model/view-model";
import type { Planned } from "./pointer-port";

/** The commands of a drop, in order; none where the drop changes nothing. */
export function commandsOf(
  intent: Intent,
  view: TimelineView,
  linked: boolean,
): readonly Command[] {
  switch (intent.kind) {
    case "move":
      return moveCommands(intent, view, linked);
    case "trim": {
      const { clip, edge, by } = intent;
      if (by === 0) return [];
      return [{ op: intent.ripple ? "ripple" : "trim", clip, edge, by, linked }];
    }
    case "roll":
      return intent.by === 0
        ? []
        : [{ op: "roll", clip: intent.left, by: intent.by, edge: "tail", linked }];
    case "slip":
    case "slide":
      return intent.by === 0 ? [] : [{ op: intent.kind, clip: intent.clip, by: intent.by, linked }];
    case "transition":
      return [
        {
          op: "set",
          map: "transitions",
          id: intent.id,
          values: { in_offset: intent.inOffset, out_offset: intent.outOffset },
        },
      ];
    default:
      return intent satisfies never;
  }
}

function moveCommands(
  intent: Extract<Intent, { kind: "move" }>,
  view: TimelineView,
  linked: boolean,
): readonly Command[] {
  const grabbed = allClips(view).find((clip) => clip.id === intent.grabbed);
  if (!grabbed || (intent.by === 0 && intent.track === grabbed.track && !intent.copy)) return [];
  const track = intent.track === grabbed.track ? {} : { track: intent.track };
  const clips = [intent.grabbed, ...intent.clips.filter((id) => id !== intent.grabbed)];
  const { mode, by } = intent;
  if (!intent.copy) return [{ op: "move", clips, by, mode, linked, ...track }];
  const at = Math.max(0, grabbed.start + by);
  return [{ op: "duplicate", clips, at, mode, linked, ...track }];
}

export type PlanInput = {
  readonly document: TimelineDocument;
  readonly assets: AssetTable;
  readonly view: TimelineView;
  readonly builder: ViewBuilder;
  readonly nameOf: ClipNames;
  /** What commands would do to the document; null as long as that cannot be said yet. */
  readonly tried: (commands: readonly Command[]) => Edit | null;
};

const NOTHING: Planned = {
  kind: "planned",
  ghosts: { before: [], after: [] },
  clamped: false,
};

/** What the commands would do, as clips before and after; nothing is written. */
export function planned(
  commands: readonly Command[],
  input: PlanInput,
  sentence: (refused: EditRefused) => string,
): Planned {
  if (commands.length === 0) return NOTHING;
  try {
    const edit = input.tried(commands);
    if (edit === null) return NOTHING;
    const after = applied(input.document, edit.changes);
    const view = input.builder.build(after, input.assets, input.view.sequence, input.nameOf);
    return { kind: "planned", ghosts: changed(input.view, view), clamped: edit.clamped.length > 0 };
  } catch (cause) {
    if (cause instanceof EditRefused) return { kind: "refused", reason: sentence(cause) };
    throw cause;
  }
}

/** Clips that differ between two views; unchanged tracks are the same objects and cost nothing. */
function changed(
  before: TimelineView,
  after: TimelineView,
): { readonly before: readonly ClipView[]; readonly after: readonly ClipView[] } {
  const old = new Map(before.tracks.map((track) => [track.id, track]));
  const gone: ClipView[] = [];
  const come: ClipView[] = [];
  for (const track of after.tracks) {
    const was = old.get(track.id);
    if (was === track) continue;
    const known = new Set(was?.clips);
    const stays = new Set(track.clips);
    gone.push(...(was?.clips.filter((clip) => !stays.has(clip)) ?? []));
    come.push(...track.clips.filter((clip) => !known.has(clip)));
  }
  return { before: gone, after: come };
}
