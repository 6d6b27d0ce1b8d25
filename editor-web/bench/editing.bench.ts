/** From a key to what it did on screen: steps of the playhead, and a ripple of 1,000 clips with its undo. */
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
import { timeOf } from "./watch";

const KEYS = [
  "ArrowRight",
  "ArrowRight",
  "ArrowDown",
  "ArrowLeft",
  "Shift+ArrowRight",
  "n",
  "ArrowUp",
];
const KEY_ROUNDS = 8;
const REST_MS = 500;

/** Milliseconds from a key press to the frame that shows what it did. */
const keyToPaint = async ({ page }: Person, key: string): Promise<number> => {
  const coming = await page.evaluateHandle(() => ({
    time: window.bench.sinceEvent("keydown", () => true),
  }));
  await page.keyboard.press(key);
  return timeOf(coming);
};

/** Milliseconds from a key press until a clip stands elsewhere and the timeline is painted anew. */
const keyToMove = async ({ page }: Person, key: string, clip: string): Promise<number> => {
  const coming = await page.evaluateHandle((id) => {
    const { bench } = window;
    const from = bench.clipX(id);
    let before = bench.painted();
    const time = bench.sinceEvent("keydown", () => {
      const painted = bench.painted();
      if (bench.clipX(id) !== from && painted > before) return true;
      if (bench.clipX(id) === from) before = painted;
      return false;
    });
    return { time };
  }, clip);
  await page.keyboard.press(key);
  return timeOf(coming);
};

const keys = async (person: Person): Promise<Record<string, unknown>> => {
  const times: number[] = [];
  await person.page.keyboard.press("Home");
  for (let round = 0; round < ROUNDS * KEY_ROUNDS; round += 1)
    for (const key of KEYS) times.push(await keyToPaint(person, key));
  return {
    "p50, ms": rounded(median(times)),
    "p95, ms": rounded(percentile(times, 0.95)),
    keys: times.length,
  };
};

const ripples = async (person: Person, film: Film): Promise<Record<string, unknown>> => {
  const found = { ripple: [] as number[], undo: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    const { x, y, width, height } = await person.clip(film.lead);
    await person.page.mouse.click(x + width / 2, y + height / 2);
    const answered = person.page.waitForResponse((answer) => answer.url().endsWith("/commands"));
    found.ripple.push(await keyToMove(person, "Shift+Delete", film.next));
    // Undo waits for the server's word about the newest edit; what is measured is undo alone.
    await answered;
    await person.page.waitForTimeout(REST_MS);
    found.undo.push(await keyToMove(person, "Control+z", film.next));
    await person.saved();
  }
  return Object.fromEntries(
    Object.entries(found).map(([name, times]) => [
      `${name} to paint, ms`,
      { median: rounded(median(times)), all: times.map(rounded) },
    ]),
  );
};

test("editing", async () => {
  const server = await Cutroom.start();
  try {
    const cookies = await ownersCookies(server);
    const film = await longFilm(server, await sceneAssets(server), 1_000);
    const person = await ownerArrives(cookies);
    try {
      await person.page.goto(`${server.address}/p/${film.project}`);
      await person.opened();
      await person.saved();
      keep({
        "1,000 clips: key to paint": await keys(person),
        "1,000 clips": await ripples(person, film),
      });
    } finally {
      await person.leave();
    }
  } finally {
    await server.stop();
  }
});
