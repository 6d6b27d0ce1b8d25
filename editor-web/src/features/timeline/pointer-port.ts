/** What the pointer asks of the panel, and what a drag tells others; no state in here. */
import type { Stage, TrimView } from "@/lib/stage";
import { type Flicks, flicks } from "@/timeline-core/time";
import type { Grip, Intent } from "./gestures/gesture";
import type { Hit } from "./model/hit-test";
import type { ClipView } from "./model/view-model";
import type { Ghosts } from "./paint/paint-overlay";
import type { Gap } from "./timeline-canvas";

/** What an intent would change, drawn before anything is written. */
export type Planned =
  | { readonly kind: "planned"; readonly ghosts: Ghosts; readonly clamped: boolean }
  | { readonly kind: "refused"; readonly reason: string };

export type PresencePart = {
  readonly cursor?: { area: "timeline"; t: Flicks; track: string; dy: number } | null;
  readonly drag?: { kind: string; ids: readonly string[]; dt: Flicks; track: string | null } | null;
};

export type PointerPort = {
  readonly stage: () => Stage;
  readonly seek: (at: Flicks) => void;
  readonly select: (ids: readonly string[]) => void;
  readonly selectGap: (gap: Gap | null) => void;
  readonly setView: (view: Partial<Stage["view"]>) => void;
  readonly mayEdit: () => boolean;
  readonly plan: (intent: Intent) => Planned;
  readonly commit: (intent: Intent) => void;
  readonly splitAt: (clip: ClipView | null, at: Flicks) => void;
  readonly openMenu: (hit: Hit, at: Flicks, page: { x: number; y: number }) => void;
  readonly openMarker: (id: string) => void;
  readonly openPin: (id: string) => void;
  /** What a double click on a clip opens: a nested sequence, a title's text. */
  readonly openClip: (clip: ClipView) => void;
  readonly presence: (part: PresencePart) => void;
  /** What the preview shows while a trim goes on; null when it is over. */
  readonly trimView: (view: TrimView | null) => void;
};

export function clipsOf(grip: Grip): readonly string[] {
  switch (grip.kind) {
    case "move":
      return grip.copy ? [] : grip.clips;
    case "roll":
      return [grip.left.id, grip.right.id];
    case "transition":
      return [];
    case "trim":
    case "slip":
    case "slide":
      return [grip.clip.id];
    default:
      return grip satisfies never;
  }
}

export function changeOf(intent: Intent, before: ClipView, after: ClipView): number {
  if (intent.kind === "trim") {
    return intent.edge === "tail" || intent.ripple
      ? after.duration - before.duration
      : after.start - before.start;
  }
  if (intent.kind === "slip") return after.sourceIn - before.sourceIn;
  return after.start - before.start;
}

export function dragOf(intent: Intent): NonNullable<PresencePart["drag"]> | null {
  const none = { track: null };
  if (intent.kind === "transition") return null;
  if (intent.kind === "move") {
    const ids = [intent.grabbed, ...intent.clips.filter((id) => id !== intent.grabbed)].slice(
      0,
      50,
    );
    return { kind: "move", ids, dt: intent.by, track: intent.track };
  }
  if (intent.kind === "trim")
    return { kind: `trim-${intent.edge}`, ids: [intent.clip], dt: intent.by, ...none };
  if (intent.kind === "roll") return { kind: "roll", ids: [intent.right], dt: intent.by, ...none };
  return {
    kind: intent.kind,
    ids: [intent.clip],
    dt: intent.kind === "slip" ? flicks(0) : intent.by,
    ...none,
  };
}
