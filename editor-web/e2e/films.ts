/** Timelines as files, times in frames at 30 a second; and what the editor draws of them. */
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { type Row, until } from "./api";
import { type Cutroom, ROOT } from "./cutroom";

export const FRAME = 23_520_000; // ticks at 30/1
const PYTHON = join(ROOT, ".venv/bin/python");

export interface FilmParts {
  readonly clips: Row;
  readonly tracks?: Row;
  readonly sequences?: Row;
  readonly transitions?: Row;
  readonly cues?: Row;
  readonly effects?: Row;
  readonly size?: readonly [number, number];
}

/** A clip on its track, from frame to frame. */
export const clip = (track: string, from: number, to: number, more: Row = {}): Row => ({
  track,
  kind: "media",
  start: from * FRAME,
  duration: (to - from) * FRAME,
  source_in: 0,
  ...more,
});

const TRACKS: Row = {
  v1: { sequence: "seq", kind: "video", order: "a0" },
  v2: { sequence: "seq", kind: "video", order: "a1" },
  v3: { sequence: "seq", kind: "video", order: "a2" },
  a1: { sequence: "seq", kind: "audio", order: "a3" },
  a2: { sequence: "seq", kind: "audio", order: "a4" },
  cc: { sequence: "seq", kind: "caption", order: "a5" },
};

/** Puts a whole timeline, of 640 x 360 if it does not say, at 30 frames a second in the place of a project's. */
export const putFilm = async (
  server: Cutroom,
  project: string,
  parts: FilmParts,
): Promise<void> => {
  const [width, height] = parts.size ?? [640, 360];
  const main = { name: "Main", order: "a0", width, height, fps_num: 30, fps_den: 1 };
  await server.post(`/projects/${project}/timeline?replace=1`, {
    schema: 1,
    meta: { schema: 1, min_reader: 1, name: "Film", main_sequence: "seq" },
    sequences: { seq: main, ...parts.sequences },
    tracks: { ...TRACKS, ...parts.tracks },
    clips: parts.clips,
    transitions: parts.transitions ?? {},
    effects: parts.effects ?? {},
    markers: {},
    cues: parts.cues ?? {},
    variables: {},
    assets: {},
  });
};

/** Orders the film, waits for it and downloads it. */
export const exported = async (server: Cutroom, project: string): Promise<string> => {
  const { id } = await server.post(
    `/projects/${project}/exports`,
    { preset: "source" },
    { "Idempotency-Key": randomUUID() },
  );
  await until(
    "the film",
    async () => {
      const found = await server.get(`/exports/${id}`);
      if (found["state"] === "failed") throw new Error(JSON.stringify(found["problem"]));
      return found["state"] === "done";
    },
    180,
  );
  const film = join(server.folder, `${id}.mp4`);
  await server.download(`/api/v1/exports/${id}/file`, film);
  return film;
};

export interface PreviewStats {
  readonly frame: number;
  readonly drawn: number;
  readonly late: number;
  readonly openFrames: number;
  readonly settled: boolean;
  readonly sound: { readonly blocks: number; readonly voices: number; readonly late: number };
}

interface Inspection {
  readonly renderFrame: (n: number, options?: { media?: string }) => Promise<Uint8Array>;
  readonly renderSound: (start: number, seconds: number) => Promise<readonly Float32Array[]>;
  readonly stats: () => { readonly preview: PreviewStats | null };
}

/** Writes what the preview draws of these frames to `N.png` in a new folder, and answers the folder. */
export const renderFrames = async (
  page: Page,
  folder: string,
  frames: readonly number[],
  media: "proxies" | "originals" = "proxies",
): Promise<string> => {
  mkdirSync(folder, { recursive: true });
  await previewShown(page);
  for (const frame of frames) {
    const png = await page.evaluate(
      async ([n, from]) => {
        const { __cutroom } = window as unknown as { __cutroom: Inspection };
        const bytes = await __cutroom.renderFrame(n, { media: from });
        return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
      },
      [frame, media] as const,
    );
    writeFileSync(join(folder, `${frame}.png`), Buffer.from(png, "base64"));
  }
  return folder;
};

/** Waits until the preview has drawn the frame of the playhead. */
export const previewShown = async (page: Page): Promise<void> => {
  await page.waitForFunction(() => {
    const { __cutroom } = window as unknown as { __cutroom: Inspection };
    return __cutroom.stats().preview?.settled === true;
  });
};

/** What the preview would play, as a raw file of 32-bit floats, two channels, 48 kHz. */
export const renderSound = async (page: Page, file: string, seconds: number): Promise<string> => {
  await previewShown(page);
  const raw = await page.evaluate(async (length) => {
    const { __cutroom } = window as unknown as { __cutroom: Inspection };
    const [left, right] = await __cutroom.renderSound(0, length);
    if (!left || !right) throw new Error("no sound");
    const both = Float32Array.from(
      { length: 2 * left.length },
      (_, index) => (index % 2 === 0 ? left : right)[index >> 1] ?? 0,
    );
    const bytes = new Uint8Array(both.buffer);
    let text = "";
    for (let at = 0; at < bytes.length; at += 32_768)
      text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
    return btoa(text);
  }, seconds);
  writeFileSync(file, Buffer.from(raw, "base64"));
  return file;
};

/** The level of the film's sound and of what differs in the preview's, in dB; and its lag in samples. */
export const compareSound = (
  film: string,
  raw: string,
): { readonly level: number; readonly error: number; readonly lag: number } =>
  python("sound", film, raw);

export const previewStats = (page: Page): Promise<PreviewStats> =>
  page.evaluate(() => {
    const { __cutroom } = window as unknown as { __cutroom: Inspection };
    const { preview } = __cutroom.stats();
    if (!preview) throw new Error("there is no preview");
    return preview;
  });

/** [clip, frame] that each picture of a folder carries, by its number. */
export const readMarks = (folder: string): Readonly<Record<string, [number, number] | null>> =>
  python("mark", folder);

/** How alike each picture of a folder is to the frames of a film around its number. */
export const compareWithFilm = (
  film: string,
  folder: string,
): Readonly<
  Record<
    string,
    {
      readonly psnr: number;
      readonly before: number;
      readonly here: number;
      readonly after: number;
    }
  >
> => python("compare", film, folder);

const python = (...args: readonly string[]) =>
  JSON.parse(
    execFileSync(PYTHON, ["-m", "tests.pictures", ...args], {
      cwd: ROOT,
      maxBuffer: 1 << 28,
    }).toString(),
  );
