/** The commands that write records and whole documents: their arguments read, the edit called. */
import { Arguments, finishedClips, refused } from "./arguments";
import type { Operation } from "./clip-operations";
import { become, changesArgument, documentArgument, takeBack } from "./differences";
import {
  addEffect,
  addRecord,
  addTrack,
  dissolveSet,
  recordRoot,
  removeKeyframe,
  removeRecord,
  removeTrack,
  reorderTrack,
  type SharedKey,
  setKeyframe,
  setKeys,
  setShared,
} from "./keys";
import { landScenes, type Scene } from "./landing";
import { isObject, type Json, type JsonObject, type RecordRoot, type Root } from "./model";
import { EFFECT_KINDS, TRACK_KINDS } from "./schema";

const SCENES_MAX = 2000; // in one landing; a film of scenes of a few seconds
const MARKER_FIELDS = [
  "owner",
  "t",
  "duration",
  "kind",
  "name",
  "color",
  "note",
  "author",
  "resolved",
];
const CUE_FIELDS = ["clip", "t", "duration", "text", "speaker", "words"];
const VARIABLE_FIELDS = ["name", "type", "label", "default", "required"];

const rootOf = (args: Arguments): Root => {
  const name = args.text("map");
  return name === "meta" ? "meta" : recordRoot(name);
};

const recordRootOf = (args: Arguments): RecordRoot => recordRoot(args.text("map"));

/** `map`, `id`, `values` {key: value or null}. */
const setCommand: Operation = (draft, args) => {
  const root = rootOf(args);
  const id = root === "meta" ? "" : args.id("id");
  const values = args.object("values");
  args.raw("id");
  args.finish();
  setKeys(draft, root, id, values);
};

const shared =
  (key: SharedKey): Operation =>
  (draft, args) => {
    const clips = finishedClips(args);
    setShared(draft, key, clips, draft.newId());
  };

const dissolved =
  (key: SharedKey): Operation =>
  (draft, args) => {
    dissolveSet(draft, key, finishedClips(args));
  };

/** `kind`; `sequence`, `name`, and `above` or `below` a track. */
const addTrackCommand: Operation = (draft, args) => {
  const kind = args.choice("kind", TRACK_KINDS);
  const sequence = args.findId("sequence");
  const name = args.findText("name", 200);
  const place = { above: args.findId("above"), below: args.findId("below") };
  args.finish();
  addTrack(draft, kind, sequence, name, place);
};

const removeTrackCommand: Operation = (draft, args) => {
  const track = args.id("track");
  args.finish();
  removeTrack(draft, track);
};

const reorderTrackCommand: Operation = (draft, args) => {
  const track = args.id("track");
  const place = { above: args.findId("above"), below: args.findId("below") };
  args.finish();
  reorderTrack(draft, track, place);
};

const addSequenceCommand: Operation = (draft, args) => {
  const values = args.object("values");
  args.finish();
  addRecord(draft, "sequences", values, "sequence");
};

/** `map` and `id`: any record, with what belongs to it. */
const removeCommand: Operation = (draft, args) => {
  const root = recordRootOf(args);
  const id = args.id("id");
  args.finish();
  removeRecord(draft, root, id);
};

const removal =
  (root: RecordRoot, name: string): Operation =>
  (draft, args) => {
    const id = args.id(name);
    args.finish();
    removeRecord(draft, root, id);
  };

/** `map`, `id`, `prop`, `keyframe` [t, value, interp, x1, y1, x2, y2], t in local time. */
const setKeyframeCommand: Operation = (draft, args) => {
  const root = recordRootOf(args);
  const id = args.id("id");
  const prop = args.text("prop", 64);
  const keyframe = args.raw("keyframe");
  args.finish();
  if (!Array.isArray(keyframe) || keyframe.length < 2) {
    throw refused("keyframe", "[t, value, interp, ...] is expected");
  }
  setKeyframe(draft, root, id, prop, keyframe);
};

/** `map`, `id`, `prop`, `t`. */
const removeKeyframeCommand: Operation = (draft, args) => {
  const root = recordRootOf(args);
  const id = args.id("id");
  const prop = args.text("prop", 64);
  const at = args.tick("t");
  args.finish();
  removeKeyframe(draft, root, id, prop, at);
};

/** `owner`, `kind`, `params`. */
const addEffectCommand: Operation = (draft, args) => {
  const owner = args.id("owner");
  const kind = args.choice("kind", [...EFFECT_KINDS.keys()]);
  const params = args.object("params");
  args.finish();
  addEffect(draft, owner, kind, params);
};

const added =
  (
    root: RecordRoot,
    name: string,
    fields: readonly string[],
    needed: readonly string[],
  ): Operation =>
  (draft, args) => {
    for (const field of needed) if (!args.has(field)) throw refused(field, "is missing");
    const given = fields
      .map((field): [string, Json] => [field, args.raw(field)])
      .filter(([, value]) => value !== null);
    args.finish();
    const record: JsonObject = Object.fromEntries(given);
    const isUnowned = name === "marker" && !("owner" in record);
    const owner = isUnowned ? { owner: draft.sequence() } : {};
    addRecord(draft, root, { ...record, ...owner }, name);
  };

/** `run`, `scenes` [{key, asset, name, duration, narration}], `sequence`, `track`, `at` (ticks or "end"). */
const landScenesCommand: Operation = (draft, args) => {
  const run = args.id("run");
  const sequence = args.findId("sequence");
  const track = args.findId("track");
  const rawAt = args.raw("at");
  const at = rawAt === null || rawAt === "end" ? "end" : args.at();
  const scenes = scenesOf(args.raw("scenes"));
  args.finish();
  landScenes(draft, run, scenes, { at, sequence, track });
};

const scenesOf = (value: Json): readonly Scene[] => {
  if (!Array.isArray(value) || value.length < 1 || value.length > SCENES_MAX) {
    throw refused("scenes", `a list of 1 to ${SCENES_MAX} scenes is expected`);
  }
  const scenes = (value as readonly Json[]).map(sceneOf);
  if (new Set(scenes.map(({ key }) => key)).size !== scenes.length) {
    throw refused("scenes", "a key stands there twice");
  }
  return scenes;
};

const sceneOf = (value: Json): Scene => {
  if (!isObject(value)) throw refused("scenes", "an object is expected");
  const args = new Arguments(value);
  const scene = {
    key: args.id("key"),
    asset: args.id("asset"),
    name: args.findText("name", 200) ?? "",
    duration: args.findTick("duration", 1),
    narration: args.findId("narration"),
  };
  args.finish();
  return scene;
};

const replaceDocumentCommand: Operation = (draft, args) => {
  const then = documentArgument(args.object("document"));
  args.finish();
  become(draft, then);
};

const undoCommand: Operation = (draft, args) => {
  const changes = changesArgument(args.raw("changes"));
  args.finish();
  takeBack(draft, changes);
};

export const RECORD_OPERATIONS = {
  set: setCommand,
  link: shared("link"),
  unlink: dissolved("link"),
  group: shared("group"),
  ungroup: dissolved("group"),
  add_track: addTrackCommand,
  remove_track: removeTrackCommand,
  reorder_track: reorderTrackCommand,
  add_sequence: addSequenceCommand,
  remove_sequence: removal("sequences", "sequence"),
  set_keyframe: setKeyframeCommand,
  remove_keyframe: removeKeyframeCommand,
  add_effect: addEffectCommand,
  remove_effect: removal("effects", "effect"),
  add_marker: added("markers", "marker", MARKER_FIELDS, ["t"]),
  remove_marker: removal("markers", "marker"),
  add_cue: added("cues", "cue", CUE_FIELDS, ["clip", "t"]),
  remove_cue: removal("cues", "cue"),
  add_variable: added("variables", "variable", VARIABLE_FIELDS, ["name"]),
  remove_variable: removal("variables", "variable"),
  remove: removeCommand,
  land_scenes: landScenesCommand,
  replace_document: replaceDocumentCommand,
  restore: replaceDocumentCommand,
  undo: undoCommand,
} as const satisfies Readonly<Record<string, Operation>>;
