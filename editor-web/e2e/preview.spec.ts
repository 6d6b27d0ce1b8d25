/** The preview in a real browser: exact frames, the same pictures as the film, play in time. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { Cutroom, ROOT } from "./cutroom";
import {
  clip,
  compareSound,
  compareWithFilm,
  exported,
  FRAME,
  previewShown,
  previewStats,
  putFilm,
  readMarks,
  renderFrames,
  renderSound,
} from "./films";
import { Person } from "./people";

const make = (
  server: Cutroom,
  number: number,
  seconds: number,
  more: readonly string[],
): string => {
  const path = join(server.folder, `clip-${number}.mp4`);
  const args = ["-m", "tests.media", "make", path, "--number", `${number}`];
  execFileSync(join(ROOT, ".venv/bin/python"), [...args, "--seconds", `${seconds}`, ...more], {
    cwd: ROOT,
  });
  return path;
};

test.describe.configure({ mode: "serial" });

let server: Cutroom;
let ana: Person;
const assets = new Map<number, string>();

test.beforeAll(async () => {
  test.setTimeout(180_000);
  server = await Cutroom.start();
  ana = await Person.arrive();
  await ana.signIn(server);
  const rates = { 1: "30/1", 2: "25/1", 3: "24000/1001" };
  const project = await server.project("Media");
  for (const [number, fps] of Object.entries(rates)) {
    const file = make(server, Number(number), 6, ["--fps", fps]);
    assets.set(Number(number), await server.asset(project, file, `Scene ${number}.mp4`));
  }
  assets.set(4, await server.asset(project, still(), "Still.png"));
});

test.afterAll(async () => {
  await ana?.leave();
  await server?.stop();
});

const still = (): string => {
  const make = "from pathlib import Path; from tests.media import Clips; import sys";
  const body = `${make}; Clips(Path(sys.argv[1])).still("still", 400, 300)`;
  execFileSync(join(ROOT, ".venv/bin/python"), ["-c", body, server.folder], { cwd: ROOT });
  return join(server.folder, "still.png");
};

const asset = (number: number): string => assets.get(number) ?? "";

test("editor-V1: any frame shows exactly its picture, of sources at 30, 25 and 23.976", async () => {
  const project = await server.project("Exact");
  const ranges = [1, 2, 3].map((number, index) => ({
    number,
    from: index * 60,
    in: 7 + 13 * index,
  }));
  await putFilm(server, project, {
    clips: Object.fromEntries(
      ranges.map(({ number, from, in: first }) => [
        `c${number}`,
        clip("v1", from, from + 60, { asset: asset(number), source_in: first * 23_520_000 }),
      ]),
    ),
  });
  await ana.open(server, project);
  const frames = [0, 1, 2, 29, 58, 59, 60, 61, 77, 90, 119, 120, 121, 137, 150, 178, 179];
  const folder = await renderFrames(ana.page, join(server.folder, "exact"), frames);
  const found = readMarks(folder);
  const rates = [30, 25, 24_000 / 1001];
  for (const frame of frames) {
    const range = ranges[Math.floor(frame / 60)];
    if (!range) throw new Error("no such range");
    const seconds = (frame + 0.5 - range.from + range.in) / 30;
    const picture = Math.floor(seconds * (rates[range.number - 1] ?? 30));
    expect([frame, found[frame]]).toEqual([frame, [range.number, picture]]);
  }
});

const keys = (...points: readonly (readonly [number, number])[]) =>
  points.map(([frame, value]) => [frame * FRAME, value, "linear"]);

test("editor-V2: what the preview draws is what the film shows", async () => {
  test.setTimeout(300_000);
  const project = await server.project("Parity");
  const animated = (name: string, ...points: readonly (readonly [number, number])[]) =>
    Object.fromEntries(keys(...points).map((key, index) => [`kf:${name}:k${index}`, key]));
  await putFilm(server, project, {
    clips: {
      a: clip("v1", 0, 60, { asset: asset(1) }),
      b: clip("v1", 60, 120, { asset: asset(2), source_in: 20 * FRAME }),
      c: clip("v1", 120, 180, { asset: asset(3), source_in: 20 * FRAME }),
      d: clip("v1", 180, 240, { asset: asset(1), source_in: 80 * FRAME }),
      e: clip("v1", 240, 300, { asset: asset(2), source_in: 30 * FRAME }),
      turned: clip("v2", 10, 45, {
        asset: asset(2),
        scale_x: 0.45,
        scale_y: 0.45,
        rotation: 20,
        x: 0.2,
        y: 0.1,
      }),
      cropped: clip("v2", 75, 105, {
        asset: asset(1),
        crop_l: 0.2,
        crop_t: 0.3,
        crop_r: 0.11,
        crop_b: 0.05,
        scale_x: 0.6,
        scale_y: 0.6,
        x: -0.15,
        flip_h: true,
      }),
      faint: clip("v2", 135, 165, { asset: asset(2), scale_x: 0.5, scale_y: 0.5, opacity: 0.4 }),
      moving: clip("v2", 195, 225, {
        asset: asset(3),
        scale_x: 0.35,
        scale_y: 0.35,
        ...animated("x", [0, -0.3], [30, 0.3]),
        ...animated("rotation", [0, 0], [30, 90]),
      }),
      mixed: clip("v2", 255, 285, { asset: asset(1), blend: "multiply", fit: "cover" }),
      photo: clip("v3", 130, 175, { asset: asset(4), scale_x: 0.6, scale_y: 0.6, x: 0.1 }),
      title: clip("v3", 5, 55, {
        kind: "title",
        text: "Cutroom\nat the middle",
        font_weight: 700,
        fade_in: 10 * FRAME,
        color_bg: "#10203080",
        padding: 0.02,
      }),
      grown: clip("v3", 200, 235, {
        kind: "title",
        text: "Growing",
        ...animated("font_size", [0, 0.05], [30, 0.2]),
      }),
      lines: clip("cc", 60, 240, { kind: "captions", font_size: 0.06, color_bg: "#000000b0" }),
    },
    transitions: {
      t1: {
        left: "a",
        right: "b",
        kind: "dissolve",
        in_offset: 10 * FRAME,
        out_offset: 10 * FRAME,
      },
      t2: {
        left: "b",
        right: "c",
        kind: "dip",
        "p:color": "#203040",
        in_offset: 10 * FRAME,
        out_offset: 10 * FRAME,
      },
      t3: {
        left: "c",
        right: "d",
        kind: "wipe",
        "p:angle_deg": 30,
        "p:softness": 0.2,
        in_offset: 10 * FRAME,
        out_offset: 10 * FRAME,
      },
      t4: {
        left: "d",
        right: "e",
        kind: "push",
        "p:angle_deg": 180,
        in_offset: 10 * FRAME,
        out_offset: 10 * FRAME,
      },
    },
    cues: {
      q1: {
        clip: "lines",
        t: 20 * FRAME,
        duration: 60 * FRAME,
        text: "one two three",
        words: [
          [0, 20 * FRAME, "one"],
          [20 * FRAME, 20 * FRAME, "two"],
        ],
      },
    },
  });
  const [film] = await Promise.all([exported(server, project), ana.open(server, project)]);
  const frames = [
    ...[3, 8, 20, 40, 52, 55, 60, 66, 78, 85, 95, 100, 112, 117, 123, 128, 140, 150, 160],
    ...[174, 177, 181, 187, 196, 205, 215, 224, 232, 236, 243, 248, 258, 270, 284, 295],
  ];
  for (const media of ["proxies", "originals"] as const) {
    const folder = await renderFrames(ana.page, join(server.folder, media), frames, media);
    const found = compareWithFilm(film, folder);
    for (const frame of frames) {
      const here = found[frame];
      if (!here) throw new Error(`frame ${frame} was not compared`);
      const told = `frame ${frame} from ${media}: ${JSON.stringify(here)}`;
      expect.soft(here.here, told).toBeGreaterThanOrEqual(media === "originals" ? 0.985 : 0.93);
      expect.soft(here.here, told).toBeGreaterThan(Math.max(here.before, here.after));
    }
  }
});

test("editor-V2: nested sequences, generators, missing media and HEVC look as in the film", async () => {
  test.setTimeout(240_000);
  const project = await server.project("Nested");
  const large = make(server, 9, 3, ["--width", "1920", "--height", "1080"]);
  const wide = await server.asset(project, large, "Large.mp4");
  const modern = make(server, 8, 2, ["--codec", "hevc10"]);
  const hevc = await server.asset(project, modern, "Modern.mp4");
  const inner = { name: "Inner", order: "a1", width: 800, height: 600, fps_num: 25, fps_den: 1 };
  const nested = { kind: "sequence", sequence: "inner" };
  const drawn = { kind: "generator" };
  await putFilm(server, project, {
    sequences: { inner },
    tracks: {
      i1: { sequence: "inner", kind: "video", order: "a0" },
      i2: { sequence: "inner", kind: "video", order: "a1" },
    },
    clips: {
      n: clip("v1", 0, 40, {
        ...nested,
        source_in: 5 * FRAME,
        scale_x: 0.9,
        scale_y: 0.9,
        rotation: 4,
      }),
      again: clip("v2", 10, 30, {
        ...nested,
        source_in: 25 * FRAME,
        scale_x: 0.3,
        scale_y: 0.3,
        x: -0.3,
      }),
      x: clip("i1", 0, 60, { asset: wide }),
      t: clip("i2", 0, 60, { kind: "title", text: "inside", color_bg: "#ff000080", y: 0.3 }),
      h: clip("v1", 40, 80, { asset: hevc }),
      gone: clip("v1", 80, 100, { asset: "as_nobody", name: "Lost scene" }),
      bars: clip("v1", 100, 110, { ...drawn, generator: "bars" }),
      grad: clip("v1", 110, 120, {
        ...drawn,
        generator: "gradient",
        "p:color": "#102030",
        "p:color_2": "#f0c040",
        "p:angle_deg": 30,
      }),
      solid: clip("v1", 120, 130, {
        ...drawn,
        generator: "solid",
        "p:color": "#336699",
        scale_x: 0.5,
        rotation: 10,
      }),
    },
  });
  const [film] = await Promise.all([exported(server, project), ana.open(server, project)]);
  const frames = [5, 15, 35, 45, 75, 90, 105, 115, 125];
  const folder = await renderFrames(ana.page, join(server.folder, "nested"), frames);
  const found = compareWithFilm(film, folder);
  for (const frame of frames) {
    const here = found[frame];
    const told = `frame ${frame}: ${JSON.stringify(here)}`;
    expect.soft(here?.here, told).toBeGreaterThanOrEqual(0.97);
    expect.soft(here?.psnr, told).toBeGreaterThanOrEqual(28);
    if (here && frame < 80)
      expect.soft(here.here, told).toBeGreaterThan(Math.max(here.before, here.after));
  }
});

/** The mark on the canvas that people see, as the blocks of `tests/media.py`; null where there is none. */
const onScreen = (): Promise<readonly [number, number] | null> =>
  ana.page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>("canvas[role=img]");
    const context = canvas?.getContext("2d");
    if (!canvas || !context) return null;
    const block = canvas.width / 20;
    const { data } = context.getImageData(0, 0, canvas.width, Math.ceil(2 * block));
    const lumaAt = (column: number, row: number): number =>
      data[
        4 * (Math.floor((row + 0.5) * block) * canvas.width + Math.floor((column + 0.5) * block)) +
          1
      ] ?? 0;
    let value = 0;
    for (let column = 0; column < 20; column += 1) {
      const [top, below] = [lumaAt(column, 0), lumaAt(column, 1)];
      if (Math.abs(top - below) < 100) return null;
      value = value * 2 + (top > below ? 1 : 0);
    }
    return [value >> 10, value & 1023] as const;
  });

test("editor-V3: steps, jumps and play backwards show each frame, and no wrong one", async () => {
  const project = await server.project("Stepping");
  await putFilm(server, project, {
    clips: {
      a: clip("v1", 0, 45, { asset: asset(1), source_in: 10 * FRAME }),
      b: clip("v1", 45, 100, { asset: asset(1), source_in: 90 * FRAME }),
    },
  });
  await ana.open(server, project);
  await previewShown(ana.page);
  const { keyboard } = ana.page;
  const numberAt = (frame: number): number => (frame < 45 ? frame + 10 : frame - 45 + 90);
  let at = 0;
  const press = async (key: string, by: number): Promise<void> => {
    await keyboard.press(key);
    at = Math.max(0, Math.min(99, at + by));
    await expect.poll(async () => (await previewStats(ana.page)).frame).toBe(at);
    await previewShown(ana.page);
    expect(await onScreen()).toEqual([1, numberAt(at)]);
  };
  for (let step = 0; step < 6; step += 1) await press("ArrowRight", 1);
  await press("Shift+ArrowRight", 30);
  for (let step = 0; step < 12; step += 1) await press("ArrowRight", 1);
  for (let step = 0; step < 8; step += 1) await press("ArrowLeft", -1);
  await press("Shift+ArrowLeft", -30);
  await keyboard.press("End");
  await expect.poll(async () => (await previewStats(ana.page)).frame).toBe(99);
  await previewShown(ana.page);
  expect(await onScreen()).toEqual([1, numberAt(99)]);

  const seen = await watched(async () => {
    await keyboard.press("j");
    await ana.page.waitForTimeout(2000);
    await keyboard.press("k");
  });
  const wrong = seen.filter(({ frame, mark }) => mark?.[1] !== numberAt(frame));
  expect(wrong).toEqual([]);
  expect(new Set(seen.map(({ frame }) => frame)).size).toBeGreaterThan(25);
});

interface Sight {
  readonly time: number;
  readonly frame: number;
  readonly mark: readonly [number, number] | null;
}

/** What stood on the canvas at each screen refresh while something was done. */
const watched = async (work: () => Promise<void>): Promise<readonly Sight[]> => {
  await ana.page.evaluate(() => {
    const seen: unknown[] = [];
    const held = window as unknown as {
      seen: unknown[];
      __cutroom: { stats: () => { preview: { frame: number } } };
    };
    held.seen = seen;
    const canvas = document.querySelector<HTMLCanvasElement>("canvas[role=img]");
    const context = canvas?.getContext("2d");
    if (!canvas || !context) return;
    const look = (): void => {
      if (held.seen !== seen) return;
      const block = canvas.width / 20;
      const { data } = context.getImageData(0, 0, canvas.width, Math.ceil(2 * block));
      const at = (column: number, row: number): number =>
        data[
          4 *
            (Math.floor((row + 0.5) * block) * canvas.width + Math.floor((column + 0.5) * block)) +
            1
        ] ?? 0;
      let value = 0;
      let isMarked = true;
      for (let column = 0; column < 20; column += 1) {
        const [top, below] = [at(column, 0), at(column, 1)];
        isMarked &&= Math.abs(top - below) >= 100;
        value = value * 2 + (top > below ? 1 : 0);
      }
      const mark = isMarked ? [value >> 10, value & 1023] : null;
      seen.push({ time: performance.now(), frame: held.__cutroom.stats().preview.frame, mark });
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  await work();
  return ana.page.evaluate(() => {
    const held = window as unknown as { seen: Sight[] };
    const { seen } = held;
    held.seen = [];
    return seen;
  });
};

test("editor-V4: play keeps wall-clock time, shows cuts in time, and is heard", async () => {
  const project = await server.project("Playing");
  await putFilm(server, project, {
    clips: {
      a: clip("v1", 0, 40, { asset: asset(1) }),
      b: clip("v1", 40, 80, { asset: asset(1), source_in: 100 * FRAME }),
      c: clip("v1", 80, 150, { asset: asset(2), source_in: 12 * FRAME }),
      heard: clip("a1", 0, 150, { asset: asset(1) }),
    },
  });
  await ana.open(server, project);
  await previewShown(ana.page);
  const numberAt = (frame: number): readonly [number, number] => {
    if (frame < 40) return [1, frame];
    return frame < 80 ? [1, frame + 60] : [2, Math.floor(((frame + 0.5 - 80 + 12) * 25) / 30)];
  };
  const seen = await watched(async () => {
    await ana.page.keyboard.press("Space");
    await ana.page.waitForTimeout(3600);
    await ana.page.keyboard.press("Space");
  });
  const playing = seen.filter(({ frame }) => frame > 5);
  const [first] = playing;
  const last = playing.findLast(({ frame }, index) => frame !== playing[index - 1]?.frame);
  if (!first || !last) throw new Error("nothing played");
  const expected = ((last.time - first.time) / 1000) * 30;
  expect(Math.abs(last.frame - first.frame - expected)).toBeLessThanOrEqual(3);
  const wrong = seen.filter(({ frame, mark }) => {
    const [clipNumber, picture] = numberAt(frame);
    return mark?.[0] !== clipNumber || Math.abs(mark[1] - picture) > 1;
  });
  expect(wrong.length).toBeLessThanOrEqual(seen.length * 0.02);
  const { sound } = await previewStats(ana.page);
  // On a machine that does much else besides some blocks of 0.2 s may come too late to be heard.
  expect(sound.late, JSON.stringify(sound)).toBeLessThanOrEqual(5);
  expect(sound.blocks, JSON.stringify(sound)).toBeGreaterThanOrEqual(8);
});

test("editor-V12: what is heard is what the film sounds like", async () => {
  test.setTimeout(180_000);
  const project = await server.project("Sound");
  const tone = make(server, 7, 5, ["--tone", "330"]);
  const music = await server.asset(project, tone, "Music.mp4");
  await putFilm(server, project, {
    clips: {
      a: clip("v1", 0, 120, { asset: asset(1) }),
      one: clip("a1", 5, 50, { asset: asset(1), source_in: 11 * FRAME, gain_db: -3 }),
      two: clip("a1", 50, 110, { asset: asset(2), source_in: 40 * FRAME, pan: 0.5 }),
      music: clip("a2", 0, 120, { asset: music, fade_in: 15 * FRAME, fade_out: 20 * FRAME }),
    },
    transitions: {
      x: {
        left: "one",
        right: "two",
        kind: "crossfade",
        in_offset: 8 * FRAME,
        out_offset: 8 * FRAME,
      },
    },
    effects: {
      d: { owner: "a2", kind: "ducking", order: "a0", "p:by": "a1", "p:amount_db": -9 },
    },
  });
  const [film] = await Promise.all([exported(server, project), ana.open(server, project)]);
  const raw = await renderSound(ana.page, join(server.folder, "heard.f32"), 4);
  const found = compareSound(film, raw);
  const told = JSON.stringify(found);
  expect(found.level, told).toBeGreaterThan(-30);
  expect(found.error, told).toBeLessThanOrEqual(-40);
  expect(Math.abs(found.lag), told).toBeLessThanOrEqual(2);
});

test("editor-V5: pausing closes streams, and leaving the editor leaves no decoded picture open", async () => {
  const forgotten: string[] = [];
  ana.page.on("console", (message) => {
    if (/garbage collected without being closed/.test(message.text()))
      forgotten.push(message.text());
  });
  await ana.page.keyboard.press("Home");
  await ana.page.keyboard.press("Space");
  await ana.page.waitForTimeout(1500);
  await ana.page.keyboard.press("Space");
  const open = async (): Promise<number> => (await previewStats(ana.page)).openFrames;
  await expect.poll(open).toBeLessThanOrEqual(64);
  await ana.page.keyboard.press("j");
  await ana.page.waitForTimeout(700);
  await ana.page
    .getByRole("link", { name: /projects/i })
    .first()
    .click();
  await ana.page.waitForURL((url) => !url.pathname.startsWith("/p/"));
  const tools = await ana.context.newCDPSession(ana.page);
  await tools.send("HeapProfiler.collectGarbage");
  await ana.page.waitForTimeout(500);
  await tools.send("HeapProfiler.collectGarbage");
  await ana.page.waitForTimeout(500);
  expect(forgotten).toEqual([]);
  expect(ana.problems).toEqual([]);
});
