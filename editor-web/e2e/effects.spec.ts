/** Effects in a real browser: what the preview draws is what the film shows (editor.md, section 14). */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import type { Row } from "./api";
import { Cutroom, ROOT } from "./cutroom";
import { cuts, type Made, type Stretch } from "./cutting-films";
import { clip, compareWithFilm, exported, FRAME, putFilm, renderFrames } from "./films";
import { Person } from "./people";

let server: Cutroom;
let ana: Person;
const assets = new Map<string, string>();

/** A look of 5 x 5 x 5 colours with a curve in it, so that no straight line says the same. */
const look = (): string => {
  const steps = [0, 1, 2, 3, 4].map((step) => step / 4);
  const rows = steps.flatMap((blue) =>
    steps.flatMap((green) =>
      steps.map((red) => `${red ** 0.8} ${(0.7 * green + 0.3 * red) ** 1.2} ${0.9 * blue}`),
    ),
  );
  const path = join(server.folder, "look.cube");
  writeFileSync(path, ["TITLE look", "LUT_3D_SIZE 5", ...rows, ""].join("\n"));
  return path;
};

const make = (number: number): string => {
  const path = join(server.folder, `clip-${number}.mp4`);
  const args = ["-m", "tests.media", "make", path, "--number", `${number}`, "--seconds", "6"];
  const size = ["--width", "640", "--height", "360"];
  execFileSync(join(ROOT, ".venv/bin/python"), [...args, ...size], { cwd: ROOT });
  return path;
};

const still = (): string => {
  const body =
    "from pathlib import Path; from tests.media import Clips; import sys; " +
    'Clips(Path(sys.argv[1])).still("still", 400, 300)';
  execFileSync(join(ROOT, ".venv/bin/python"), ["-c", body, server.folder], { cwd: ROOT });
  return join(server.folder, "still.png");
};

test.beforeAll(async () => {
  test.setTimeout(120_000);
  server = await Cutroom.start();
  ana = await Person.arrive();
  await ana.signIn(server);
  const project = await server.project("Media");
  for (const number of [1, 2])
    assets.set(`${number}`, await server.asset(project, make(number), `Scene ${number}.mp4`));
  assets.set("still", await server.asset(project, still(), "Still.png"));
  assets.set("look", await server.asset(project, look(), "Look.cube"));
});

test.afterAll(async () => {
  await ana?.leave();
  await server?.stop();
});

const FRAMES = 24; // of one stretch
const LOOKED_AT = 20; // of each feature, at least

const media = (number: number, more: Row = {}): Row => ({
  asset: assets.get(`${number}`) ?? "",
  ...more,
});
const effect = (owner: string, kind: string, params: Row, more: Row = {}): Row => ({
  owner,
  kind,
  ...Object.fromEntries(Object.entries(params).map(([name, value]) => [`p:${name}`, value])),
  ...more,
});
const keyed = (name: string, ...values: readonly number[]): Row =>
  Object.fromEntries(
    values.map((value, index) => [
      `kf:${name}:k${index}`,
      [index * FRAMES * FRAME, value, "linear"],
    ]),
  );

/** Media under everything, from another place of its source in each stretch. */
const base = (from: number, number = 1, more: Row = {}): Row =>
  clip("v1", from, from + FRAMES, media(number, { source_in: from * FRAME, ...more }));
const over = (track: string, from: number, more: Row): Row =>
  clip(track, from, from + FRAMES, more);

/** One project with a stretch for each feature, its film, and the frames of the preview beside it. */
const expectParity = async (
  name: string,
  makers: readonly Made[],
  more: { readonly effects?: Row } = {},
): Promise<void> => {
  const project = await server.project(name);
  const parts = makers.map((make, index): Stretch => {
    const from = index * FRAMES;
    return { from, ...make(from, `c${index}`) };
  });
  const all = (pick: (part: Stretch) => Row | undefined): Row =>
    Object.assign({}, ...parts.map((part) => pick(part) ?? {}));
  await putFilm(server, project, {
    tracks: { v4: { sequence: "seq", kind: "video", order: "a25" }, ...all((part) => part.tracks) },
    sequences: all((part) => part.sequences),
    clips: all((part) => part.clips),
    transitions: all((part) => part.transitions),
    cues: all((part) => part.cues),
    effects: { ...more.effects, ...all((part) => part.effects) },
  });
  const [film] = await Promise.all([exported(server, project), ana.open(server, project)]);
  const frames = parts.flatMap(({ from }) =>
    Array.from({ length: LOOKED_AT }, (_, index) => from + 2 + index),
  );
  const folder = await renderFrames(ana.page, join(server.folder, name), frames, "originals");
  const found = compareWithFilm(film, folder);
  for (const frame of frames) {
    const here = found[frame];
    const { feature } = parts[Math.floor(frame / FRAMES)] as Stretch;
    const told = `${feature}, frame ${frame}: ${JSON.stringify(here)}`;
    expect.soft(here?.here, told).toBeGreaterThanOrEqual(0.985);
    expect.soft(here?.psnr, told).toBeGreaterThanOrEqual(28);
    if (here) expect.soft(here.here, told).toBeGreaterThan(Math.max(here.before, here.after));
  }
};

const EFFECTS: readonly Made[] = [
  (from, id) => ({
    feature: "colour",
    clips: { [id]: base(from) },
    effects: {
      [`e${id}`]: effect(id, "color", {
        exposure_stops: 0.4,
        contrast: 1.2,
        saturation: 1.4,
        temperature_k: 4800,
        tint: 0.2,
      }),
    },
  }),
  (from, id) => ({
    feature: "colour that changes, on a picture that moves",
    clips: {
      [id]: base(from, 2),
      [`o${id}`]: over("v2", from, {
        ...media(1),
        scale_x: 0.5,
        scale_y: 0.5,
        ...keyed("x", -0.2, 0.2),
      }),
    },
    effects: {
      [`e${id}`]: effect(`o${id}`, "color", {}, keyed("saturation", 0, 2)),
    },
  }),
  (from, id) => ({
    feature: "look-up table",
    clips: { [id]: base(from) },
    effects: { [`e${id}`]: effect(id, "lut", { asset: assets.get("look") ?? "" }) },
  }),
  (from, id) => ({
    feature: "look-up table that is mixed in",
    clips: { [id]: base(from, 2) },
    effects: {
      [`e${id}`]: effect(id, "lut", { asset: assets.get("look") ?? "" }, keyed("mix", 0, 1)),
    },
  }),
  (from, id) => ({
    feature: "blur of a clip that is cropped and turned, and of a title",
    clips: {
      [id]: base(from, 2),
      [`o${id}`]: over("v2", from, {
        ...media(1, { source_in: 30 * FRAME }),
        scale_x: 0.6,
        scale_y: 0.5,
        rotation: 12,
        crop_l: 0.2,
        x: -0.1,
      }),
      [`t${id}`]: over("v3", from, {
        kind: "title",
        text: "Soft words",
        font_size: 0.16,
        color_fg: "#ffd040",
        outline_width: 0.01,
        y: 0.25,
      }),
    },
    effects: {
      [`e${id}`]: effect(`o${id}`, "blur", { sigma_h: 0.02 }),
      [`f${id}`]: effect(`t${id}`, "blur", { sigma_h: 0.015 }),
    },
  }),
  (from, id) => ({
    feature: "blur that grows",
    clips: { [id]: base(from) },
    effects: { [`e${id}`]: effect(id, "blur", {}, keyed("sigma_h", 0, 0.02)) },
  }),
  (from, id) => ({
    feature: "adjustment that fades in",
    clips: {
      [id]: base(from, 2),
      [`o${id}`]: over("v2", from, { ...media(1), scale_x: 0.4, scale_y: 0.4, x: 0.2 }),
      [`g${id}`]: over("v3", from, { kind: "adjustment", fade_in: 12 * FRAME }),
    },
    effects: {
      [`e${id}`]: effect(`g${id}`, "color", { saturation: 0.2, contrast: 1.3 }, { order: "a0" }),
      [`f${id}`]: effect(`g${id}`, "blur", { sigma_h: 0.003 }, { order: "a1" }),
    },
  }),
  (from, id) => ({
    feature: "effects of a track, through a transition",
    clips: {
      [id]: base(from),
      [`o${id}`]: clip("v4", from, from + 12, media(2, { scale_x: 0.6, scale_y: 0.6 })),
      [`p${id}`]: clip("v4", from + 12, from + FRAMES, {
        ...media(1, { source_in: 60 * FRAME }),
        scale_x: 0.6,
        scale_y: 0.6,
      }),
    },
    transitions: {
      [`t${id}`]: {
        left: `o${id}`,
        right: `p${id}`,
        kind: "wipe",
        "p:angle_deg": 20,
        "p:softness": 0.3,
        in_offset: 8 * FRAME,
        out_offset: 8 * FRAME,
      },
    },
    effects: {
      [`e${id}`]: effect("v4", "color", { exposure_stops: -0.5 }, { order: "a0" }),
      [`f${id}`]: effect("v4", "blur", { sigma_h: 0.006 }, { order: "a1" }),
    },
  }),
];

test("editor-V2: colour, look-up tables, blurs and adjustments look as in the film", async () => {
  test.setTimeout(400_000);
  const whole = effect("seq", "color", { temperature_k: 7000 });
  await expectParity("effects", EFFECTS, { effects: { whole } });
});

test("editor-V2: keys, masks, mosaics and sharpening look as in the film", async () => {
  test.setTimeout(400_000);
  await expectParity("cuts", cuts({ base, over, media, effect, keyed }));
});

/** From one clip to another, in the middle of the stretch. */
const change =
  (kind: string, params: Row, track = "v1", more: Row = {}): Made =>
  (from, id) => ({
    feature: kind,
    clips: {
      ...(track === "v1" ? {} : { [id]: base(from, 2) }),
      [`l${id}`]: clip(track, from, from + 12, media(2, { source_in: from * FRAME, ...more })),
      [`r${id}`]: clip(track, from + 12, from + FRAMES, {
        ...media(1, { source_in: (from % 60) * FRAME }),
        ...more,
      }),
    },
    transitions: {
      [`t${id}`]: {
        left: `l${id}`,
        right: `r${id}`,
        kind,
        in_offset: 11 * FRAME,
        out_offset: 11 * FRAME,
        ...Object.fromEntries(Object.entries(params).map(([name, value]) => [`p:${name}`, value])),
      },
    },
  });

/** Coarse enough for what moves 30 pixels a frame: the encoder, not the drawing, would lose the rest. */
const LARGE = { scale_x: 1.5, scale_y: 1.5 };

/** Pictures over another one, each a corner's size, each laid in its own way. */
const blends =
  (...modes: readonly string[]): Made =>
  (from, id) => ({
    feature: modes.join(", "),
    clips: {
      [id]: base(from),
      ...Object.fromEntries(
        modes.map((blend, index) => [
          `b${index}${id}`,
          clip(`v${index + 2}`, from, from + FRAMES, {
            ...media(2, { source_in: 40 * FRAME }),
            blend,
            scale_x: 0.45,
            scale_y: 0.45,
            x: index % 2 === 0 ? -0.25 : 0.25,
            y: index < 2 ? -0.25 : 0.25,
          }),
        ]),
      ),
    },
  });

test("editor-V2: every transition and every blend looks as in the film", async () => {
  test.setTimeout(400_000);
  await expectParity("changes", [
    change("dissolve", {}),
    change("dip", { color: "#203040" }),
    change("wipe", { angle_deg: 0 }),
    change("wipe", { angle_deg: 210, softness: 0.4 }),
    change("slide", { angle_deg: 90 }, "v1", { scale_x: 0.8, scale_y: 0.8 }),
    change("push", { angle_deg: 0 }, "v1", LARGE),
    change("dissolve", {}, "v2", { scale_x: 0.6, scale_y: 0.6, blend: "screen" }),
    blends("multiply", "screen", "overlay"),
    blends("darken", "lighten"),
    blends("add", "difference"),
  ]);
});

const words = (...said: readonly string[]): Row => ({
  text: said.join(" "),
  words: said.map((word, index) => [index * 6 * FRAME, 6 * FRAME, word]),
});

const TIMES: readonly Made[] = [
  (from, id) => ({
    feature: "speed ramp",
    clips: {
      [id]: base(from, 1, {
        source_in: 0,
        "kf:time:a": [0, 0, "bezier", 0.6, 0, 0.4, 1],
        "kf:time:b": [FRAMES * FRAME, 100 * FRAME, "linear"],
      }),
    },
  }),
  (from, id) => ({
    feature: "backwards, over a picture that stands still",
    clips: {
      [id]: base(from, 2, { speed_num: 0, source_in: 33 * FRAME }),
      [`o${id}`]: clip("v2", from, from + FRAMES, {
        ...media(1, { source_in: 150 * FRAME }),
        speed_num: -2,
        scale_x: 0.8,
        scale_y: 0.8,
      }),
    },
  }),
  (from, id) => ({
    feature: "still with pan and zoom, over a blurred copy",
    clips: {
      [id]: base(from, 1),
      [`o${id}`]: clip("v2", from, from + FRAMES, {
        asset: assets.get("still") ?? "",
        scale_x: 0.9,
        scale_y: 0.9,
        ...keyed("scale_x", 0.7, 1.1),
        ...keyed("scale_y", 0.7, 1.1),
        ...keyed("x", 0.1, -0.1),
      }),
    },
    effects: { [`e${id}`]: effect(id, "blur", { sigma_h: 0.01 }) },
  }),
  (from, id) => ({
    feature: "words that light up, in three scripts, with outline, shadow and plate",
    clips: {
      [id]: base(from, 2),
      [`o${id}`]: clip("cc", from, from + FRAMES, {
        kind: "captions",
        font_size: 0.11,
        font_weight: 700,
        outline_width: 0.006,
        shadow_x: 0.01,
        shadow_y: 0.01,
        shadow_blur: 0.008,
        color_bg: "#00306080",
        padding: 0.015,
        align: "left",
      }),
      [`t${id}`]: clip("v3", from, from + FRAMES, {
        kind: "title",
        text: "שלום עולם\nনমস্কার",
        align: "right",
        valign: "top",
        font_size: 0.1,
        color_fg: "#ffe080",
      }),
    },
    cues: {
      [`q${id}`]: {
        clip: `o${id}`,
        t: 0,
        duration: 12 * FRAME,
        ...words("one", "two"),
      },
      [`r${id}`]: {
        clip: `o${id}`,
        t: 12 * FRAME,
        duration: 12 * FRAME,
        ...words("مرحبا", "بالعالم"),
      },
    },
  }),
  (from, id) => ({
    feature: "crop that moves, and a group that is blended inside",
    sequences: {
      [`s${id}`]: { name: "Inner", order: "b", width: 640, height: 360, fps_num: 30, fps_den: 1 },
    },
    tracks: {
      [`i${id}`]: { sequence: `s${id}`, kind: "video", order: "a0" },
      [`j${id}`]: { sequence: `s${id}`, kind: "video", order: "a1" },
    },
    clips: {
      [id]: base(from, 2, { ...keyed("crop_l", 0, 0.4), ...keyed("crop_b", 0.3, 0) }),
      [`n${id}`]: clip("v2", from, from + FRAMES, {
        kind: "sequence",
        sequence: `s${id}`,
        scale_x: 0.5,
        scale_y: 0.5,
        x: -0.2,
      }),
      [`x${id}`]: clip(`i${id}`, 0, FRAMES, media(1, { source_in: 20 * FRAME, fit: "none" })),
      [`y${id}`]: clip(`j${id}`, 0, FRAMES, {
        ...media(2, { source_in: 20 * FRAME }),
        blend: "multiply",
        scale_x: 0.7,
        scale_y: 0.7,
      }),
    },
    effects: { [`e${id}`]: effect(`n${id}`, "color", { saturation: 1.5 }) },
  }),
];

test("editor-V2: retimed clips, moving stills, words and groups look as in the film", async () => {
  test.setTimeout(400_000);
  await expectParity("times", TIMES);
});
