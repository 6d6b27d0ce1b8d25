/** Which pictures of the sources a trim would put at its cuts: what the trim view shows. Pure. */
import type { TrimPicture } from "@/lib/stage";
import { type Flicks, type Frames, flicks, tick } from "@/timeline-core/time";
import type { Intent } from "../gestures/gesture";
import { type ClipView, endOf, type TimelineView, type TrackView } from "./view-model";

type Side = "first" | "last";

/** The pictures beside the cuts that the intent moves, in the order of time; none where it moves no cut. */
export function trimPictures(
  intent: Intent,
  view: TimelineView,
  after: readonly ClipView[],
): readonly TrimPicture[] {
  const moved = new Map(after.map((clip) => [clip.id, clip]));
  const frame = tick(1 as Frames, view.rate);
  const shown = (clip: ClipView | null, side: Side, label: TrimPicture["label"]): TrimPicture[] => {
    const now = clip && (moved.get(clip.id) ?? clip);
    if (!now?.asset || now.tone === "audio") return [];
    return [{ label, asset: now.asset, at: sourceAt(now, side, frame) }];
  };
  switch (intent.kind) {
    case "trim": {
      const found = pictureOf(view, intent.clip);
      const side = intent.edge === "head" ? "first" : "last";
      return shown(found?.clip ?? null, side, intent.edge === "head" ? "in" : "out");
    }
    case "roll": {
      const right = pictureOf(view, intent.right);
      const left = right && neighbours(right).before;
      return [...shown(left ?? null, "last", "out"), ...shown(right?.clip ?? null, "first", "in")];
    }
    case "slip":
    case "slide": {
      const own = pictureOf(view, intent.clip);
      if (!own) return [];
      const { before, after: next } = neighbours(own);
      return [
        ...shown(before, "last", "before"),
        ...shown(own.clip, "first", "in"),
        ...shown(own.clip, "last", "out"),
        ...shown(next, "first", "after"),
      ];
    }
    default:
      return [];
  }
}

type Found = { readonly clip: ClipView; readonly track: TrackView };

/** The clip, or where it is sound the picture that is linked with it. */
function pictureOf(view: TimelineView, id: string): Found | null {
  const own = found(view, (clip) => clip.id === id);
  if (own?.track.kind !== "audio" || own.clip.link === "") return own;
  const { link } = own.clip;
  const isPicture = (clip: ClipView, track: TrackView): boolean =>
    clip.link === link && track.kind === "video";
  return found(view, isPicture) ?? own;
}

function found(
  view: TimelineView,
  fits: (clip: ClipView, track: TrackView) => boolean,
): Found | null {
  for (const track of view.tracks) {
    const clip = track.clips.find((one) => fits(one, track));
    if (clip) return { clip, track };
  }
  return null;
}

function neighbours({ clip, track }: Found): { before: ClipView | null; after: ClipView | null } {
  const at = track.clips.indexOf(clip);
  const before = track.clips[at - 1];
  const after = track.clips[at + 1];
  return {
    before: before && endOf(before) === clip.start ? before : null,
    after: after && endOf(clip) === after.start ? after : null,
  };
}

/** The source tick in the middle of a clip's first or last frame. */
function sourceAt(clip: ClipView, side: Side, frame: number): Flicks {
  const [num, den] = clip.speed;
  const offset = side === "first" ? frame / 2 : Math.max(frame / 2, clip.duration - frame / 2);
  return flicks(Math.max(0, Math.floor(clip.sourceIn + (offset * num) / den)));
}
