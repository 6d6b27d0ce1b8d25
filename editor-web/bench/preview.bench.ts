/** Jumps on a proxy, the first right frame after each cut, and pictures against the clock that sound keeps. */
import { test } from "@playwright/test";
import { Cutroom } from "../e2e/cutroom";
import { clip, FRAME, previewShown, previewStats, putFilm } from "../e2e/films";
import type { Person } from "../e2e/people";
import {
  keep,
  median,
  ownerArrives,
  ownersCookies,
  percentile,
  ROUNDS,
  rounded,
  sceneAssets,
} from "./stand";
import { type Sight, timeOf } from "./watch";

const FPS = 30;
const CUTS = 40;
const CLIP_FRAMES = 30;
const SEEKS = 30;
const DRIFT_SECONDS = Number(process.env["CUTROOM_BENCH_DRIFT_SECONDS"] ?? 30);

const seeks = async (person: Person): Promise<Record<string, unknown>> => {
  const { page } = person;
  const place = await page.getByTestId("timeline-canvas").boundingBox();
  if (!place) throw new Error("there is no timeline");
  const times: number[] = [];
  for (let jump = 0; jump < ROUNDS * SEEKS; jump += 1) {
    const share = (0.07 + jump * 0.618) % 0.94; // never twice the same, never beside the last
    const coming = await page.evaluateHandle(() => {
      const before = window.bench.preview()?.frame;
      const time = window.bench.sinceEvent("pointerdown", () => {
        const preview = window.bench.preview();
        return preview?.settled === true && preview.frame !== before;
      });
      return { time };
    });
    await page.mouse.click(place.x + place.width * share, place.y + 14);
    times.push(await timeOf(coming));
  }
  return {
    "p50, ms": rounded(median(times)),
    "p95, ms": rounded(percentile(times, 0.95)),
    seeks: times.length,
  };
};

/** How much later than its time a frame was first seen; the middle of all frames is on time. */
const lateness = (sights: readonly Sight[]): ReadonlyMap<number, number> => {
  const first = new Map<number, number>();
  for (const { at, frame, settled } of sights)
    if (settled && !first.has(frame)) first.set(frame, at - (frame * 1000) / FPS);
  const usual = median([...first.values()]);
  return new Map([...first].map(([frame, at]) => [frame, at - usual]));
};

const played = async (person: Person, seconds: number): Promise<readonly Sight[]> => {
  const { page } = person;
  await page.keyboard.press("Home");
  await previewShown(page);
  await page.evaluate(() => window.bench.startSights());
  await page.keyboard.press("Space");
  await page.waitForTimeout(seconds * 1000);
  await page.keyboard.press("Space");
  return page.evaluate(() => window.bench.stopSights());
};

/** The first right frame at or after each cut, in ms after the time of the cut. */
const cuts = async (person: Person): Promise<Record<string, unknown>> => {
  const found: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const late = lateness(await played(person, (CUTS * CLIP_FRAMES) / FPS + 0.5));
    for (let cut = CLIP_FRAMES; cut < CUTS * CLIP_FRAMES; cut += CLIP_FRAMES) {
      const shown = [...late.keys()].find((frame) => frame >= cut);
      if (shown === undefined) continue;
      found.push((late.get(shown) ?? 0) + ((shown - cut) * 1000) / FPS);
    }
  }
  return {
    "p50, ms": rounded(median(found)),
    "p99, ms": rounded(percentile(found, 0.99)),
    cuts: found.length,
  };
};

const drift = async (person: Person): Promise<Record<string, unknown>> => {
  const late = [...lateness(await played(person, DRIFT_SECONDS))];
  const third = Math.floor(late.length / 3);
  const middleOf = (part: typeof late): number => median(part.map(([, ms]) => ms));
  const { sound } = await previewStats(person.page);
  return {
    "last third against first third, ms": rounded(
      middleOf(late.slice(-third)) - middleOf(late.slice(0, third)),
    ),
    seconds: DRIFT_SECONDS,
    "frames seen, %": rounded((100 * late.length) / (DRIFT_SECONDS * FPS)),
    "blocks of sound, late": [sound.blocks, sound.late],
  };
};

test("preview", async () => {
  const server = await Cutroom.start();
  try {
    const cookies = await ownersCookies(server);
    const assets = await sceneAssets(server);
    const project = await server.project("Preview");
    const scenes = Array.from(
      { length: CUTS },
      (_, index) => [index * CLIP_FRAMES, index] as const,
    );
    const parts = scenes.flatMap(([from, index]) =>
      ["v1", "a1"].map((track) => [
        `${track}-${index}`,
        clip(track, from, from + CLIP_FRAMES, {
          asset: assets[index % assets.length],
          source_in: ((index * 37) % 140) * FRAME,
        }),
      ]),
    );
    await putFilm(server, project, { clips: Object.fromEntries(parts) });
    const person = await ownerArrives(cookies);
    try {
      await person.page.goto(`${server.address}/p/${project}`);
      await person.opened();
      await previewShown(person.page);
      keep({
        "seek on a proxy": await seeks(person),
        "first right frame after a cut": await cuts(person),
        "pictures against the sound's clock": await drift(person),
      });
    } finally {
      await person.leave();
    }
  } finally {
    await server.stop();
  }
});
