/**
 * What each key of the document means: its type, range and default, for each root map.
 *
 * A reader takes raw JSON and answers the value in its normal form (colors in lower case) or `BAD`.
 * A missing key and `null` mean the default and are never handed to a reader.
 */
import type { Json, RecordRoot, Root } from "./model";
import { TICK_MAX, TICKS } from "./time";

export const SCHEMA_VERSION = 1;
export const READER_VERSION = 1; // `min_reader` above this is `too_new`

/** Records per root, removed ones included [timeline-H7]. */
export const QUOTAS: Readonly<Record<RecordRoot, number>> = {
  sequences: 200,
  tracks: 500,
  clips: 20_000,
  transitions: 20_000,
  effects: 20_000,
  markers: 10_000,
  cues: 50_000,
  variables: 500,
};

const ID_PATTERN = /^[A-Za-z0-9_-]{1,64}$/;
const COLOR_PATTERN = /^#(?:[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})$/;
const ORDER_PATTERN = /^[0-9A-Za-z]{1,256}$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a font name must not hold
const FONT_PATTERN = /^[a-z0-9_-]{1,64}:[^\u0000-\u001f\p{Surrogate}]{1,136}$/u;
const LONE_SURROGATE = /\p{Surrogate}/u;

export const CLIP_DURATION_DEFAULT = 5 * TICKS; // where the source has nothing left or is unknown
const CUE_DURATION_DEFAULT = 2 * TICKS;
export const TRANSITION_OFFSET_DEFAULT = TICKS / 4;
export const SPEED_TIMES_MAX = 100;
const WORDS_MAX = 2000; // of one cue; a property holds 64 KiB

/** The answer of a reader to a value that is present but wrong. */
export const BAD = Symbol("bad");
export type Bad = typeof BAD;
export type Reader = (raw: Json) => Json | Bad;

/** One key: how to read it, what it is when missing; numbers have a range, `~` keys are animated. */
export interface Prop {
  readonly read: Reader;
  readonly default: Json;
  readonly low: number;
  readonly high: number;
  readonly animated: boolean;
}

export type Schema = ReadonlyMap<string, Prop>;

export const isId = (text: string): boolean => ID_PATTERN.test(text);

/** False where a surrogate stands alone, which no UTF-8 can say. */
export const isWellFormed = (text: string): boolean => !LONE_SURROGATE.test(text);

const prop = (read: Reader, fallback: Json = null, range: Partial<Prop> = {}): Prop => ({
  read,
  default: fallback,
  low: Number.NEGATIVE_INFINITY,
  high: Number.POSITIVE_INFINITY,
  animated: false,
  ...range,
});

const integers =
  (low: number, high: number): Reader =>
  (raw) =>
    typeof raw === "number" && Number.isInteger(raw) && low <= raw && raw <= high ? raw + 0 : BAD;

// Comparing with NaN is false, so the range refuses it as well as the infinities.
const numbers =
  (low: number, high: number): Reader =>
  (raw) =>
    typeof raw === "number" && low <= raw && raw <= high ? raw : BAD;

const matching =
  (pattern: RegExp, lower = false): Reader =>
  (raw) => {
    if (typeof raw !== "string" || !pattern.test(raw) || !isWellFormed(raw)) return BAD;
    return lower ? raw.toLowerCase() : raw;
  };

const readBool: Reader = (raw) => (typeof raw === "boolean" ? raw : BAD);

const readText =
  (length: number): Reader =>
  (raw) =>
    typeof raw === "string" && isWithin(raw, length) && isWellFormed(raw) ? raw : BAD;

/** At most `length` Unicode code points. */
const isWithin = (text: string, length: number): boolean =>
  text.length <= length || (text.length <= 2 * length && [...text].length <= length);

/** A list of which every item is read by `item`; BAD as soon as one is. */
const readList = (raw: Json, most: number, item: Reader): Json | Bad => {
  if (!Array.isArray(raw) || raw.length > most) return BAD;
  const items: Json[] = [];
  for (const one of raw) {
    const value = item(one);
    if (value === BAD) return BAD;
    items.push(value);
  }
  return items;
};

const readTuple =
  (...readers: readonly Reader[]): Reader =>
  (raw) => {
    if (!Array.isArray(raw) || raw.length !== readers.length) return BAD;
    const items: Json[] = [];
    for (const [at, read] of readers.entries()) {
      const value = read(raw[at] as Json);
      if (value === BAD) return BAD;
      items.push(value);
    }
    return items;
  };

/** Channels of the source, 0-based, as a non-empty list of integers 0..63. */
const readChannels: Reader = (raw) => {
  const channels = readList(raw, 64, integers(0, 63));
  return Array.isArray(channels) && channels.length === 0 ? BAD : channels;
};

const wordTick = integers(0, TICK_MAX);
const readWord = readTuple(wordTick, wordTick, readText(200));
const readBand = readTuple(numbers(1, 24_000), numbers(-60, 60), numbers(0.01, 100));

/** [[tick from the cue's start, duration, text], ...]; in the order of the text. */
const readWords: Reader = (raw) => readList(raw, WORDS_MAX, readWord);

/** [[hz, gain_db, q], ...] of an equaliser, at most 16. */
const readBands: Reader = (raw) => readList(raw, 16, readBand);

const readPoint = readTuple(numbers(-10, 10), numbers(-10, 10));

/** [[x, y], ...], 2 to 64 places in a picture: 0, 0 its first corner, 1, 1 its last. */
const readPoints: Reader = (raw) =>
  Array.isArray(raw) && raw.length < 2 ? BAD : readList(raw, 64, readPoint);

const ticks = (fallback: number | null = 0, low = -TICK_MAX, high = TICK_MAX): Prop =>
  prop(integers(low, high), fallback, { low, high });

const integer = (fallback: number, low: number, high: number): Prop =>
  prop(integers(low, high), fallback, { low, high });

const number = (fallback: number | null, low: number, high: number): Prop =>
  prop(numbers(low, high), fallback, { low, high });

const animated = (fallback: number, low: number, high: number): Prop =>
  prop(numbers(low, high), fallback, { low, high, animated: true });

const boolean = (fallback: boolean): Prop => prop(readBool, fallback);

const text = (length: number, fallback = ""): Prop => prop(readText(length), fallback);

const color = (fallback: string): Prop => prop(matching(COLOR_PATTERN, true), fallback);

const oneOf = (choices: readonly Json[], fallback: Json): Prop =>
  prop((raw) => (choices.includes(raw) ? raw : BAD), fallback);

const ID = prop(matching(ID_PATTERN));
const readOrder = matching(ORDER_PATTERN);
const ORDER = prop((raw) => (raw === "" ? raw : readOrder(raw)), "");
const KIND = text(64); // an unknown kind is no wrong value: it is kept and skipped

const schema = (props: Readonly<Record<string, Prop>>): Schema => new Map(Object.entries(props));

export const META = schema({
  schema: integer(1, 1, 2 ** 31),
  min_reader: integer(1, 1, 2 ** 31),
  name: text(200, "Untitled"),
  created_with: text(200),
  main_sequence: ID,
});

export const SEQUENCES = schema({
  name: text(200, "Sequence"),
  order: ORDER,
  width: integer(1920, 16, 8192),
  height: integer(1080, 16, 8192),
  fps_num: integer(30, 1, 240_000),
  fps_den: integer(1, 1, 1001),
  sample_rate: oneOf([44_100, 48_000, 96_000], 48_000),
  channel_layout: oneOf(["mono", "stereo", "5.1"], "stereo"),
  background: color("#000000"),
  color_space: oneOf(["bt709"], "bt709"),
  start_tc: ticks(),
  drop_frame: boolean(false),
  loudness_lufs: number(null, -40, 0),
});

const GAIN_DB = animated(0, -96, 24);
const PAN = animated(0, -1, 1);

export const TRACKS = schema({
  sequence: ID,
  kind: prop(KIND.read, "video"),
  name: text(200),
  color: text(32),
  order: ORDER,
  enabled: boolean(true),
  muted: boolean(false),
  solo: boolean(false),
  locked: boolean(false),
  sync_lock: boolean(true),
  gain_db: GAIN_DB,
  pan: PAN,
});

const LENGTH = number(0, -1, 10); // in canvas heights
const FADE_CURVE = oneOf(["linear", "equal_power", "ease"], "linear");

const TEXT_STYLE_PROPS = {
  font: prop(matching(FONT_PATTERN), "builtin:sans"),
  font_weight: integer(400, 100, 900),
  italic: boolean(false),
  font_size: animated(0.08, -1, 10),
  line_height: number(1.2, -1, 10),
  letter_spacing: LENGTH,
  padding: LENGTH,
  outline_width: LENGTH,
  shadow_x: LENGTH,
  shadow_y: LENGTH,
  shadow_blur: LENGTH,
  align: oneOf(["left", "center", "right"], "center"),
  valign: oneOf(["top", "middle", "bottom"], "middle"),
  box_width: number(0.9, 0, 2),
  color_fg: color("#ffffff"),
  color_bg: color("#00000000"),
  outline_color: color("#000000"),
  shadow_color: color("#00000080"),
};
export const TEXT_STYLE = schema(TEXT_STYLE_PROPS);

const TRANSFORM_PROPS = {
  x: animated(0, -100, 100),
  y: animated(0, -100, 100),
  scale_x: animated(1, 0, 100),
  scale_y: animated(1, 0, 100),
  rotation: animated(0, -1_000_000, 1_000_000),
  anchor_x: animated(0.5, -10, 10),
  anchor_y: animated(0.5, -10, 10),
  crop_l: animated(0, 0, 1),
  crop_t: animated(0, 0, 1),
  crop_r: animated(0, 0, 1),
  crop_b: animated(0, 0, 1),
  flip_h: boolean(false),
  flip_v: boolean(false),
  fit: oneOf(["contain", "cover", "fill", "none"], "contain"),
  blend: oneOf(
    ["normal", "multiply", "screen", "overlay", "darken", "lighten", "add", "difference"],
    "normal",
  ),
};
export const TRANSFORM = schema(TRANSFORM_PROPS);

export const PLACEMENT: ReadonlySet<string> = new Set([
  "track",
  "start",
  "duration",
  "source_in",
  "speed_num",
  "speed_den",
]);

export const CLIPS = schema({
  track: ID,
  kind: prop(KIND.read, "media"),
  asset: ID,
  sequence: ID,
  generator: KIND,
  start: ticks(0, 0),
  duration: ticks(null, 1),
  source_in: ticks(null),
  speed_num: integer(1, -100_000, 100_000),
  speed_den: integer(1, 1, 100_000),
  pitch_lock: boolean(true),
  enabled: boolean(true),
  link: text(64),
  group: text(64),
  name: text(200),
  color: text(32),
  run: text(200),
  scene: text(200),
  role: oneOf(["picture", "sound", "narration"], ""),
  ...TRANSFORM_PROPS,
  opacity: animated(1, 0, 1),
  gain_db: GAIN_DB,
  pan: PAN,
  source_channels: prop(readChannels),
  fade_in: ticks(0, 0),
  fade_out: ticks(0, 0),
  fade_in_curve: FADE_CURVE,
  fade_out_curve: FADE_CURVE,
  text: text(10_000),
  ...TEXT_STYLE_PROPS,
  on_length: oneOf(["keep", "fit", "ripple"], "keep"),
});

/** `kf:time` of media. */
export const TIME_REMAP = prop(ticks().read, 0, {
  low: -TICK_MAX,
  high: TICK_MAX,
  animated: true,
});

export const TRANSITIONS = schema({
  left: ID,
  right: ID,
  kind: KIND,
  in_offset: ticks(TRANSITION_OFFSET_DEFAULT, 0),
  out_offset: ticks(TRANSITION_OFFSET_DEFAULT, 0),
});

export const EFFECTS = schema({
  owner: ID,
  kind: KIND,
  kind_version: integer(1, 1, 2 ** 31),
  order: ORDER,
  enabled: boolean(true),
});

export const MARKERS = schema({
  owner: ID,
  t: ticks(),
  duration: ticks(0, 0),
  kind: oneOf(["marker", "chapter", "todo", "comment"], "marker"),
  name: text(200),
  color: text(32),
  note: text(10_000),
  author: text(64),
  resolved: boolean(false),
});

export const CUES = schema({
  clip: ID,
  t: ticks(),
  duration: ticks(CUE_DURATION_DEFAULT, 1),
  text: text(10_000),
  speaker: text(200),
  words: prop(readWords, []),
  ...TEXT_STYLE_PROPS,
});

export const VARIABLES = schema({
  name: text(64),
  type: oneOf(["text", "number", "color", "asset", "bool"], "text"),
  label: text(200),
  default: prop((raw) => raw),
  required: boolean(false),
});

export const SCHEMA: Readonly<Record<Root, Schema>> = {
  meta: META,
  sequences: SEQUENCES,
  tracks: TRACKS,
  clips: CLIPS,
  transitions: TRANSITIONS,
  effects: EFFECTS,
  markers: MARKERS,
  cues: CUES,
  variables: VARIABLES,
};

export type TrackKind = "video" | "audio" | "caption";

export const TRACK_KINDS: readonly string[] = ["video", "audio", "caption"];
export const CLIP_KINDS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["video", new Set(["media", "sequence", "generator", "title", "adjustment"])],
  ["audio", new Set(["media", "sequence", "generator"])],
  ["caption", new Set(["captions"])],
]);
export const ALL_CLIP_KINDS: ReadonlySet<string> = new Set(
  [...CLIP_KINDS.values()].flatMap((kinds) => [...kinds]),
);

const ANGLE = number(0, -1_000_000, 1_000_000);

export const GENERATORS: ReadonlyMap<string, Schema> = new Map([
  ["solid", schema({ color: color("#000000") })],
  ["gradient", schema({ color: color("#000000"), color_2: color("#ffffff"), angle_deg: ANGLE })],
  ["bars", schema({})],
  ["tone", schema({ frequency_hz: number(1000, 1, 24_000), level_db: number(-20, -96, 0) })],
]);

/** A kind of effect or transition: its parameters, the tracks it fits, whether it is drawn yet. */
export interface Kind {
  readonly params: Schema;
  readonly tracks: readonly string[];
}

const kind = (
  params: Readonly<Record<string, Prop>>,
  { tracks = TRACK_KINDS }: Partial<Kind> = {},
): Kind => ({ params: schema(params), tracks });

const DIRECTION = { angle_deg: ANGLE, softness: number(0, 0, 1) };
const ON_VIDEO = { tracks: ["video"] };

export const TRANSITION_KINDS: ReadonlyMap<string, Kind> = new Map([
  ["dissolve", kind({}, ON_VIDEO)],
  ["dip", kind({ color: color("#000000") }, ON_VIDEO)],
  ["wipe", kind(DIRECTION, ON_VIDEO)],
  ["slide", kind(DIRECTION, ON_VIDEO)],
  ["push", kind(DIRECTION, ON_VIDEO)],
  [
    "crossfade",
    kind({ curve: oneOf(["equal_power", "linear"], "equal_power") }, { tracks: ["audio"] }),
  ],
]);

/** Effects that change what is seen; the others change what is heard. */
export const PICTURE_EFFECTS: ReadonlySet<string> = new Set([
  "color",
  "lut",
  "blur",
  "sharpen",
  "mosaic",
  "mask",
  "chroma_key",
]);

/** Effects that make parts of a picture clear. */
export const CLEARING_EFFECTS: ReadonlySet<string> = new Set(["mask", "chroma_key"]);

export const EFFECT_KINDS: ReadonlyMap<string, Kind> = new Map([
  [
    "color",
    kind({
      exposure_stops: animated(0, -10, 10),
      contrast: animated(1, 0, 4),
      saturation: animated(1, 0, 4),
      temperature_k: animated(6500, 1000, 40_000),
      tint: animated(0, -1, 1),
    }),
  ],
  ["lut", kind({ asset: ID, mix: animated(1, 0, 1) })],
  ["blur", kind({ sigma_h: animated(0, 0, 1) })],
  ["sharpen", kind({ amount: animated(0, 0, 10), sigma_h: animated(0.002, 0, 1) })],
  ["mosaic", kind({ size_h: animated(0, 0, 1) })],
  [
    "mask",
    kind({
      shape: oneOf(["rectangle", "ellipse", "polygon"], "rectangle"),
      points: prop(readPoints, [
        [0.25, 0.25],
        [0.75, 0.75],
      ]),
      feather_h: animated(0, 0, 1),
      invert: boolean(false),
    }),
  ],
  [
    "chroma_key",
    kind({
      color: color("#00ff00"),
      tolerance: animated(0.2, 0, 1),
      softness: animated(0.1, 0, 1),
      spill: animated(0.5, 0, 1),
    }),
  ],
  ["eq", kind({ bands: prop(readBands, []) })],
  [
    "compressor",
    kind({
      threshold_db: animated(-18, -96, 0),
      ratio: animated(2, 1, 100),
      attack_ms: animated(10, 0, 10_000),
      release_ms: animated(120, 0, 10_000),
      makeup_db: animated(0, 0, 60),
    }),
  ],
  ["limiter", kind({ ceiling_dbtp: animated(-1, -60, 0) })],
  [
    "ducking",
    kind({
      by: ID,
      amount_db: animated(-12, -96, 0),
      threshold_db: animated(-30, -96, 0),
      attack_ms: animated(50, 0, 10_000),
      release_ms: animated(400, 0, 10_000),
    }),
  ],
]);

export const defaultTransitionKind = (trackKind: string): string =>
  trackKind === "audio" ? "crossfade" : "dissolve";

/** The default of a clip's key; captions stand at the bottom, sound fades with equal power. */
export const clipDefault = (key: string, clipKind: string, trackKind: string): Json => {
  if (key === "valign" && clipKind === "captions") return "bottom";
  if ((key === "fade_in_curve" || key === "fade_out_curve") && trackKind === "audio") {
    return "equal_power";
  }
  return CLIPS.get(key)?.default ?? null;
};

/**
 * The normal form of one key's value, its default for `null`, `BAD` where it is wrong. Keys that
 * no schema names (`p:`, `kf:`, `x:`, unknown ones) are answered as they came.
 */
export const readKey = (root: Root, key: string, raw: Json): Json | Bad => {
  if (key === "removed") return raw === null ? false : readBool(raw);
  const known = SCHEMA[root].get(key);
  if (known === undefined) return raw;
  return raw === null ? known.default : known.read(raw);
};

/** Ticks as keyframes hold them. */
export const readTick: Reader = ticks().read;
