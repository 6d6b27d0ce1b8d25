/** Edits of transitions: add and remove. */
import type { Edge } from "./arguments";
import { type Draft, members } from "./draft";
import { edgeAt } from "./edits";
import type { JsonObject } from "./model";
import { gridCeil, headRoom, onGrid, tailRoom } from "./placing";
import { EditRefused } from "./refusal";
import { ripple } from "./ripples";
import { defaultTransitionKind, TRANSITION_OFFSET_DEFAULT } from "./schema";
import { textOf } from "./seen";

/** The transition to add; offsets in ticks, null is 0.25 s each; params are its `p:` keys. */
export interface Blend {
  readonly kind: string | null;
  readonly inOffset: number | null;
  readonly outOffset: number | null;
  readonly params: JsonObject;
}

/**
 * Blends over the cut at this edge, or from / to nothing where no clip stands beside it.
 *
 *     | A   | B   |   ->   | A  [x] B   |
 *
 * One that is there already is replaced. Linked clips with a cut at the same tick get theirs (audio:
 * `crossfade`). `makeHandles` first ripples both clips shorter by what their sources lack. New ids:
 * the named clip's transition (`created.transition`), then those of its links.
 */
export const addTransition = (
  draft: Draft,
  clip: string,
  edge: Edge,
  blend: Blend,
  makeHandles: boolean,
  linked: boolean,
): void => {
  if (makeHandles) rippleShorter(draft, clip, edge, blend, linked);
  const at = edgeAt(draft, clip, edge);
  for (const name of members(draft, clip, { linked })) {
    const isThere = draft.pieces(name).length > 0 && edgeAt(draft, name, edge) === at;
    if (name === clip || isThere) addOne(draft, name, at, blend, name === clip);
  }
};

const addOne = (draft: Draft, clip: string, at: number, blend: Blend, main: boolean): void => {
  const lane = draft.laneOf(clip);
  const left = lane.endingAt(at)?.clip ?? null;
  const right = lane.startingAt(at)?.clip ?? null;
  if (!main && (left === null || right === null)) return;
  const own = main ? blend.kind : null;
  const params = Object.entries(main ? blend.params : {}).map(([name, value]) => [
    `p:${name}`,
    value,
  ]);
  for (const [name, other] of draft.records("transitions")) {
    if ((other["left"] ?? null) === left && (other["right"] ?? null) === right) {
      draft.remove("transitions", name);
    }
  }
  const created = draft.create("transitions", {
    left,
    right,
    kind: own ?? defaultTransitionKind(lane.kind),
    in_offset: left === null ? 0 : offset(draft, clip, blend.inOffset),
    out_offset: right === null ? 0 : offset(draft, clip, blend.outOffset),
    ...Object.fromEntries(params),
  });
  draft.name("transition", created);
};

const offset = (draft: Draft, clip: string, given: number | null): number =>
  given === null ? TRANSITION_OFFSET_DEFAULT : onGrid(draft.laneOf(clip), given);

/** Gives both clips of the cut the handles that the blend needs [timeline-E8]. */
const rippleShorter = (
  draft: Draft,
  clip: string,
  edge: Edge,
  blend: Blend,
  linked: boolean,
): void => {
  const lane = draft.laneOf(clip);
  const at = edgeAt(draft, clip, edge);
  const left = lane.endingAt(at);
  const right = lane.startingAt(at);
  if (left === undefined || right === undefined) {
    throw new EditRefused("not_adjacent", clip, `no cut at its ${edge}`);
  }
  const tail = lack(offset(draft, clip, blend.outOffset), tailRoom(draft, left.clip));
  const head = lack(offset(draft, clip, blend.inOffset), headRoom(draft, right.clip));
  const manner = { linked, snap: true };
  if (tail > 0) ripple(draft, left.clip, "tail", -gridCeil(lane.rate, tail), manner);
  if (head > 0) ripple(draft, right.clip, "head", gridCeil(lane.rate, head), manner);
};

const lack = (needed: number, room: number | null): number =>
  room === null ? 0 : Math.max(0, needed - room);

/**
 * Back to a plain cut.
 *
 *     | A  [x] B   |   ->   | A   | B   |
 */
export const removeTransition = (draft: Draft, transition: string): void => {
  const record = draft.record("transitions", transition);
  for (const side of ["left", "right"]) {
    const clip = draft.records("clips").get(textOf(record[side]));
    const lane = clip === undefined ? null : draft.seen.lane(textOf(clip["track"]));
    if (lane !== null) draft.unlocked(lane.track);
  }
  draft.remove("transitions", transition);
};
