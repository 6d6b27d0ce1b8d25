/** What every part stands on: a server, a film of many clips, numbers made of repeats, and their file. */
import { writeFileSync } from "node:fs";
import { type Cookie, request } from "@playwright/test";
import { type Cutroom, makeClip } from "../e2e/cutroom";
import { clip, putFilm } from "../e2e/films";
import { Person } from "../e2e/people";
import { watch } from "./watch";

export const CLIP_FRAMES = 60;
const SCENES = 4;
const SCENE_SECONDS = 6;
const TRACKS = ["v1", "v2", "a1", "a2"] as const;

type Cookies = readonly Cookie[];

export interface Film {
  readonly project: string;
  /** The clip alone in front; to take it out moves all others. */
  readonly lead: string;
  /** The clip behind it on the same track. */
  readonly next: string;
  readonly clips: number;
}

/** The assets that films are made of: a few seconds with sound each, with proxies. */
export const sceneAssets = async (server: Cutroom): Promise<readonly string[]> => {
  const project = await server.project("Scenes");
  const made: string[] = [];
  for (let number = 1; number <= SCENES; number += 1) {
    const file = makeClip(server.folder, number, SCENE_SECONDS);
    made.push(await server.asset(project, file, `Scene ${number}.mp4`));
  }
  return made;
};

/** `count` clips of two seconds on two picture and two sound tracks, linked in pairs, and one apart in front. */
export const longFilm = async (
  server: Cutroom,
  assets: readonly string[],
  count: number,
): Promise<Film> => {
  const project = await server.project(`${count} clips`);
  const clips: Record<string, ReturnType<typeof clip>> = {
    lead: clip("v1", 0, CLIP_FRAMES, { asset: assets[0] }),
  };
  for (let index = 0; index < count - 1; index += 1) {
    const track = TRACKS[index % TRACKS.length] ?? "v1";
    const column = Math.floor(index / TRACKS.length) + 2; // room behind the first clip
    clips[`c${index}`] = clip(track, column * CLIP_FRAMES, (column + 1) * CLIP_FRAMES, {
      asset: assets[column % assets.length],
      source_in: ((column * 7) % 100) * 23_520_000,
      link: `${column}-${track.slice(1)}`,
    });
  }
  await putFilm(server, project, { clips });
  return {
    project,
    lead: "lead",
    next: "c0",
    clips: count,
  };
};

/** The owner's cookie, got without a page, for browsers that have fetched nothing yet. */
export const ownersCookies = async (server: Cutroom): Promise<Cookies> => {
  const asking = await request.newContext({ extraHTTPHeaders: { Origin: server.address } });
  const welcome = new URL(server.welcome).hash.replace("#welcome=", "");
  const answer = await asking.post(`${server.address}/api/v1/session`, { data: { welcome } });
  if (!answer.ok()) throw new Error(`signing in: ${answer.status()} ${await answer.text()}`);
  const { cookies } = await asking.storageState();
  await asking.dispose();
  return cookies;
};

/** Somebody with a browser of their own that knows who they are and has nothing else. */
export const ownerArrives = async (cookies: Cookies): Promise<Person> => {
  const person = await Person.arrive();
  await person.context.addCookies([...cookies]);
  await watch(person.page);
  return person;
};

const sorted = (values: readonly number[]): readonly number[] =>
  [...values].sort((one, other) => one - other);

/** The smallest value that `share` of all do not exceed; NaN of none. */
export const percentile = (values: readonly number[], share: number): number =>
  sorted(values)[Math.max(0, Math.ceil(values.length * share) - 1)] ?? Number.NaN;

export const median = (values: readonly number[]): number => percentile(values, 0.5);

export const rounded = (value: number): number => Math.round(value * 10) / 10;

/** How often a part measures the same; what is kept is the median of the repeats. */
export const ROUNDS = Number(process.env["CUTROOM_BENCH_ROUNDS"] ?? 5);

export type Figures = Readonly<Record<string, unknown>>;

/** Hands the figures of a part to who asked for them. */
export const keep = (figures: Figures): void => {
  const file = process.env["CUTROOM_BENCH_FIGURES"];
  if (file === undefined) throw new Error("CUTROOM_BENCH_FIGURES names no file");
  writeFileSync(file, JSON.stringify(figures));
};
