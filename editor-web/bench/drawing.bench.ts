/** Frames while the timeline is scrubbed, scrolled and zoomed by real mouse and wheel events. */
import { test } from "@playwright/test";
import { Cutroom } from "../e2e/cutroom";
import type { Person } from "../e2e/people";
import {
  type Film,
  keep,
  longFilm,
  median,
  ownerArrives,
  ownersCookies,
  percentile,
  ROUNDS,
  rounded,
  sceneAssets,
} from "./stand";
import { type FrameTimes, framesWhile } from "./watch";

const STEPS = 90;
const LATE_MS = 20;

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

type Motion = (person: Person, place: Place) => Promise<void>;

const wheel = async (person: Person, x: number, y: number): Promise<void> => {
  for (let step = 0; step < STEPS; step += 1) await person.page.mouse.wheel(x, y);
};

const withKey = async (person: Person, key: string, work: () => Promise<void>): Promise<void> => {
  await person.page.keyboard.down(key);
  await work();
  await person.page.keyboard.up(key);
};

const scrub: Motion = async ({ page }, { x, y, width }) => {
  await page.mouse.move(x + 20, y + 14);
  await page.mouse.down();
  for (let step = 0; step <= STEPS; step += 1)
    await page.mouse.move(x + 20 + ((width - 40) * step) / STEPS, y + 14);
  await page.mouse.up();
};

const overTracks = ({ page }: Person, { x, y, width, height }: Place): Promise<void> =>
  page.mouse.move(x + width / 2, y + height / 2);

const scroll: Motion = async (person, place) => {
  await overTracks(person, place);
  await withKey(person, "Shift", () => wheel(person, 0, 60));
};

/** From the whole film to a few seconds on screen, and back to the whole. */
const zoom: Motion = async (person, place) => {
  await overTracks(person, place);
  await withKey(person, "Control", async () => {
    await wheel(person, 0, -24);
    await wheel(person, 0, 24);
  });
};

const told = (rounds: readonly FrameTimes[]): Record<string, unknown> => {
  const p95 = rounds.map(({ intervals }) => percentile(intervals, 0.95));
  const late = rounds.map(
    ({ intervals }) => (100 * intervals.filter((ms) => ms > LATE_MS).length) / intervals.length,
  );
  return {
    "frame p95, ms": rounded(median(p95)),
    "above 20 ms, %": rounded(median(late)),
    "work of the page a frame, ms": rounded(median(rounds.map(({ work }) => work))),
    frames: rounds.reduce((sum, { intervals }) => sum + intervals.length, 0),
  };
};

/** The whole film is shown at first; `near` zooms to some seconds of it before. */
const measured = async (
  person: Person,
  place: Place,
  motion: Motion,
  near: boolean,
): Promise<Record<string, unknown>> => {
  const rounds: FrameTimes[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await person.page.keyboard.press("Shift+Z");
    if (near) {
      await overTracks(person, place);
      await withKey(person, "Control", () => wheel(person, 0, -24));
    }
    rounds.push(await framesWhile(person.page, () => motion(person, place)));
  }
  return told(rounds);
};

const drawn = async (person: Person, film: Film, address: string) => {
  await person.page.goto(`${address}/p/${film.project}`);
  await person.opened();
  const place = await person.page.getByTestId("timeline-canvas").boundingBox();
  if (!place) throw new Error("there is no timeline");
  const count = film.clips.toLocaleString("en");
  const figures: Record<string, unknown> = {};
  for (const [name, motion, near] of [
    ["scrub, all in view", scrub, false],
    ["scrub, near", scrub, true],
    ["scroll, near", scroll, true],
    ["zoom, all to near and back", zoom, false],
  ] as const) {
    figures[`${count} clips: ${name}`] = await measured(person, place, motion, near);
  }
  return figures;
};

test("drawing", async () => {
  const server = await Cutroom.start();
  try {
    const cookies = await ownersCookies(server);
    const assets = await sceneAssets(server);
    const person = await ownerArrives(cookies);
    try {
      let figures = {};
      for (const clips of [1_000, 5_000]) {
        const film = await longFilm(server, assets, clips);
        figures = { ...figures, ...(await drawn(person, film, server.address)) };
      }
      keep(figures);
    } finally {
      await person.leave();
    }
  } finally {
    await server.stop();
  }
});
