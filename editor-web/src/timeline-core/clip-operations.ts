/**
 * The commands that edit clips and time: their arguments read, the edit called.
 *
 * What a command may carry stands in its comment, or is what its edit takes by the same names.
 */
import { type Arguments, finishedClips, refused } from "./arguments";
import { addTransition, removeTransition } from "./blends";
import { paste, pasteAttributes } from "./copies";
import type { Draft } from "./draft";
import { extend, join, neighbours, roll, slide, slip, split, trim } from "./edits";
import { checked } from "./keys";
import type { Json } from "./model";
import { nest, unNest } from "./nests";
import {
  append,
  insert,
  lift,
  liftRange,
  type Material,
  move,
  overwrite,
  placeOnTop,
  replace,
} from "./placements";
import { EditRefused } from "./refusal";
import { freeze, rateStretch, reverse, setSpeed } from "./retimes";
import { closeGap, extract, removeRange, ripple, rippleDelete, swap } from "./ripples";
import { CLIPS, PLACEMENT, TRANSITION_KINDS } from "./schema";

export type Operation = (draft: Draft, args: Arguments) => void;

interface Placement {
  readonly at: number | null;
  readonly end: number | null;
  readonly material: Material;
}

/** Timeline in and out: `range`, or `at` and `end`. */
const placeArguments = (args: Arguments): Placement => {
  const stretch = args.findRange();
  const at = stretch?.[0] ?? args.findTick("at", 0);
  const end = stretch?.[1] ?? args.findTick("end", 1);
  args.raw("at");
  args.raw("end");
  if (at !== null && end !== null && end <= at) throw refused("end", "must be after at");
  return { at, end, material: materialOf(args) };
};

const MATERIAL_TEXTS = ["asset", "kind", "generator", "text", "name"];
const SOURCES = ["asset", "kind", "sequence", "generator"];

/** `asset`, or `kind` with what it needs; `source_in`, `source_out`, `duration`; `values`: more keys. */
const materialOf = (args: Arguments): Material => {
  const keys: Record<string, Json> = {};
  for (const name of MATERIAL_TEXTS) {
    const value = args.findText(name);
    if (value !== null) keys[name] = checked("clips", name, value);
  }
  const nested = args.findId("source_sequence");
  if (nested !== null) Object.assign(keys, { kind: "sequence", sequence: nested });
  for (const [name, value] of Object.entries(args.object("values"))) {
    if (PLACEMENT.has(name) || (!CLIPS.has(name) && !name.includes(":"))) {
      throw refused("values", `${name} does not go here`);
    }
    keys[name] = checked("clips", name, value);
  }
  if (!SOURCES.some((name) => name in keys)) throw refused("asset", "is missing");
  return {
    keys,
    sourceIn: args.findTick("source_in"),
    sourceOut: args.findTick("source_out"),
    duration: args.findTick("duration", 1),
  };
};

const someTracks = (args: Arguments): readonly [string, ...string[]] => {
  const [first, ...more] = args.tracks();
  if (first === undefined) throw refused("track", "is missing");
  return [first, ...more];
};

const overwriteCommand: Operation = (draft, args) => {
  const { at, end, material } = placeArguments(args);
  const tracks = someTracks(args);
  overwrite(draft, tracks, material, at, end, args.finish().snap);
};

const insertCommand: Operation = (draft, args) => {
  const at = args.at();
  const tracks = someTracks(args);
  const material = materialOf(args);
  insert(draft, tracks, material, at, args.finish().snap);
};

const appendCommand: Operation = (draft, args) => {
  const tracks = someTracks(args);
  const material = materialOf(args);
  args.finish();
  append(draft, tracks, material);
};

const placeOnTopCommand: Operation = (draft, args) => {
  const { at, end, material } = placeArguments(args);
  const track = args.id("track");
  if (at === null) throw refused("at", "is missing");
  placeOnTop(draft, track, material, at, end, args.finish().snap);
};

const fitToFillCommand: Operation = (draft, args) => {
  const { at, end, material } = placeArguments(args);
  const tracks = someTracks(args);
  if (at === null || end === null) throw refused("range", "is missing");
  if (material.sourceOut === null) throw refused("source_out", "is missing");
  if (material.sourceIn === null) throw refused("source_in", "is missing");
  overwrite(draft, tracks, material, at, end, args.finish().snap);
};

const replaceCommand: Operation = (draft, args) => {
  const clip = args.clip();
  const asset = args.id("asset");
  const sourceIn = args.findTick("source_in");
  replace(draft, clip, asset, sourceIn, args.finish().linked);
};

/** `clip`, `edge`, `by`. */
const edgeCommand =
  (edit: typeof trim): Operation =>
  (draft, args) => {
    const clip = args.clip();
    const edge = args.edge();
    const by = args.by();
    edit(draft, clip, edge, by, args.finish());
  };

/** `clip` and `edge` (default `tail`), or `clips` [left, right]; `by`. */
const rollCommand: Operation = (draft, args) => {
  const [left, right, ...more] = args.clips();
  const edge = args.findEdge() ?? "tail";
  const by = args.by();
  args.finish();
  if (right === undefined) {
    roll(draft, left, edge, by, args);
    return;
  }
  if (more.length > 0 || !edgesMeet(draft, left, right)) {
    throw new EditRefused("not_adjacent", left, "clips: [left, right] of one cut is expected");
  }
  roll(draft, left, "tail", by, args);
};

const edgesMeet = (draft: Draft, left: string, right: string): boolean =>
  neighbours(draft, left, "tail")[1] === right;

/** `clip`, `by`. */
const byCommand =
  (edit: typeof slip): Operation =>
  (draft, args) => {
    const clip = args.clip();
    const by = args.by();
    edit(draft, clip, by, args.finish());
  };

const rateStretchCommand: Operation = (draft, args) => {
  const clip = args.clip();
  const duration = args.tick("duration", 1);
  const edge = args.findEdge() ?? "tail";
  rateStretch(draft, clip, duration, edge, args.finish());
};

const extendCommand: Operation = (draft, args) => {
  const clip = args.clip();
  const at = args.at();
  const edge = args.findEdge();
  extend(draft, clip, at, edge, args.finish());
};

/** `at`, and `clip`, `clips`, `track`, `tracks` or nothing: all unlocked tracks of `sequence`. */
const splitCommand: Operation = (draft, args) => {
  const at = args.at();
  const tracks = args.tracks();
  const sequence = args.findId("sequence");
  const clips = args.has("clip") || args.has("clips") ? args.clips() : [];
  split(draft, at, { clips, tracks, sequence }, args.finish());
};

const joinCommand: Operation = (draft, args) => {
  const clips = finishedClips(args);
  const [left, right, ...more] = clips.length === 1 ? neighbours(draft, clips[0], "tail") : clips;
  if (right === undefined || more.length > 0) {
    throw refused("clips", "two clips are expected: [left, right]");
  }
  join(draft, left, right, args.linked);
};

/** `clips`, or `range` with `tracks` (default: all unlocked ones of `sequence`). */
const liftCommand: Operation = (draft, args) => {
  const stretch = args.findRange();
  if (stretch === null) {
    lift(draft, finishedClips(args), args.linked);
    return;
  }
  const named = args.tracks();
  const tracks = named.length > 0 ? named : unlockedTracks(draft, args);
  liftRange(draft, stretch, tracks, args.finish().snap);
};

const unlockedTracks = (draft: Draft, args: Arguments): readonly string[] =>
  draft.seen
    .lanes(draft.sequence(args.findId("sequence")))
    .filter(({ locked }) => !locked)
    .map(({ track }) => track);

/** `clips`, or `track` and `at`: the gap there. */
const rippleDeleteCommand: Operation = (draft, args) => {
  if (args.has("clip") || args.has("clips")) {
    rippleDelete(draft, finishedClips(args), args.linked);
  } else closeGapCommand(draft, args);
};

const closeGapCommand: Operation = (draft, args) => {
  const track = args.id("track");
  const at = args.at();
  args.finish();
  closeGap(draft, track, at);
};

const extractCommand: Operation = (draft, args) => {
  const stretch = args.range();
  const tracks = someTracks(args);
  extract(draft, stretch, tracks, args.finish().snap);
};

const removeRangeCommand: Operation = (draft, args) => {
  const stretch = args.range();
  const sequence = args.findId("sequence");
  removeRange(draft, stretch, sequence, args.finish().snap);
};

/** `clips`, `at` or `by`, `track`, `mode`. */
const moveCommand: Operation = (draft, args) => {
  const clips = args.clips();
  const at = args.findTick("at", 0);
  const by = args.findTick("by");
  const track = args.findId("track");
  args.finish();
  if (at !== null && by !== null) throw refused("by", "at or by, not both");
  if (at === null && by === null && track === null) {
    throw refused("at", "at, by or track is expected");
  }
  move(draft, clips, { at, by, track, mode: args.mode }, args);
};

const swapCommand: Operation = (draft, args) => {
  const [one, other, ...more] = finishedClips(args);
  if (other === undefined || more.length > 0) throw refused("clips", "two clips are expected");
  swap(draft, one, other, args.linked);
};

/** `clips` (lifted ones, too), `at` (default: behind them), `track`, `mode`. */
const pasteCommand: Operation = (draft, args) => {
  const clips = args.clips();
  const at = args.findTick("at", 0);
  const track = args.findId("track");
  args.finish();
  paste(draft, clips, { at, track, mode: args.mode }, args);
};

/** `source`: the clip to copy from; `clips`; `keys`: only these. */
const pasteAttributesCommand: Operation = (draft, args) => {
  const source = args.id("source");
  const clips = args.clips();
  const keys = args.ids("keys");
  args.finish();
  pasteAttributes(draft, source, clips, keys);
};

const nestCommand: Operation = (draft, args) => {
  const clips = args.clips();
  const name = args.findText("name", 200);
  nest(draft, clips, name, args.finish().linked);
};

const unNestCommand: Operation = (draft, args) => {
  const clip = args.clip();
  args.finish();
  unNest(draft, clip);
};

/** `clip` and `edge` (default `tail`) or `clips` [left, right]; `kind`, `params`, offsets. */
const addTransitionCommand: Operation = (draft, args) => {
  const [left, right, ...more] = args.clips();
  const edge = args.findEdge() ?? "tail";
  const blend = {
    kind: args.findChoice("kind", [...TRANSITION_KINDS.keys()]),
    inOffset: args.findTick("in_offset", 0),
    outOffset: args.findTick("out_offset", 0),
    params: args.object("params"),
  };
  const makeHandles = args.flag("make_handles", false);
  args.finish();
  for (const [name, value] of Object.entries(blend.params)) {
    checked("transitions", `p:${name}`, value);
  }
  if (more.length > 0) throw refused("clips", "[left, right] of one cut is expected");
  if (right !== undefined && !edgesMeet(draft, left, right)) {
    throw new EditRefused("not_adjacent", left, "the two clips have no cut in common");
  }
  addTransition(draft, left, edge, blend, makeHandles, args.linked);
};

const removeTransitionCommand: Operation = (draft, args) => {
  const name = args.id("transition");
  args.finish();
  removeTransition(draft, name);
};

/** `clip`, `speed` [num, den], `ripple`. */
const setSpeedCommand: Operation = (draft, args) => {
  const clip = args.clip();
  const speed = args.findSpeed();
  const isRipple = args.flag("ripple", false);
  if (speed === null) throw refused("speed", "is missing");
  setSpeed(draft, clip, speed, isRipple, args.finish().linked);
};

const reverseCommand: Operation = (draft, args) => {
  const clip = args.clip();
  reverse(draft, clip, args.finish().linked);
};

const freezeCommand: Operation = (draft, args) => {
  const clip = args.clip();
  const at = args.at();
  const duration = args.tick("duration", 1);
  freeze(draft, clip, at, duration, args.finish());
};

export const CLIP_OPERATIONS = {
  overwrite: overwriteCommand,
  insert: insertCommand,
  append: appendCommand,
  place_on_top: placeOnTopCommand,
  fit_to_fill: fitToFillCommand,
  replace: replaceCommand,
  trim: edgeCommand(trim),
  ripple: edgeCommand(ripple),
  roll: rollCommand,
  slip: byCommand(slip),
  slide: byCommand(slide),
  rate_stretch: rateStretchCommand,
  extend: extendCommand,
  split: splitCommand,
  join: joinCommand,
  lift: liftCommand,
  ripple_delete: rippleDeleteCommand,
  extract: extractCommand,
  remove_range: removeRangeCommand,
  close_gap: closeGapCommand,
  move: moveCommand,
  swap: swapCommand,
  duplicate: pasteCommand,
  paste: pasteCommand,
  paste_attributes: pasteAttributesCommand,
  nest: nestCommand,
  un_nest: unNestCommand,
  add_transition: addTransitionCommand,
  remove_transition: removeTransitionCommand,
  set_speed: setSpeedCommand,
  reverse: reverseCommand,
  freeze: freezeCommand,
} as const satisfies Readonly<Record<string, Operation>>;
