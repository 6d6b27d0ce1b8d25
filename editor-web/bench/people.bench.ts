/** What one person does on the other's screen: two browsers on one machine, so one clock. */
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
import { type Coming, timeOf } from "./watch";

const MOVES = 12;
const REST_MS = 400; // others' cursors glide for 80 ms; what is measured begins at rest

/** When this page next paints its timeline, as a time of the day in ms. */
const nextPaint = ({ page }: Person): Promise<Coming> =>
  page.evaluateHandle(() => {
    const { bench } = window;
    const before = bench.painted();
    const time = new Promise<number>((found) => {
      bench.afterFrames((at) => {
        if (bench.painted() === before) return false;
        found(performance.timeOrigin + at);
        return true;
      });
    });
    return { time };
  });

/** When this page has a clip elsewhere and painted so, as a time of the day in ms. */
const nextMove = ({ page }: Person, clip: string): Promise<Coming> =>
  page.evaluateHandle((id) => {
    const { bench } = window;
    const from = bench.clipX(id);
    let before = bench.painted();
    const time = new Promise<number>((found) => {
      bench.afterFrames((at) => {
        const painted = bench.painted();
        if (bench.clipX(id) !== from && painted > before) {
          found(performance.timeOrigin + at);
          return true;
        }
        if (bench.clipX(id) === from) before = painted;
        return false;
      });
    });
    return { time };
  }, clip);

/** When the next event of this kind happens in this page, as a time of the day in ms. */
const nextEvent = ({ page }: Person, kind: string): Promise<Coming> =>
  page.evaluateHandle((name) => {
    const time = new Promise<number>((found) => {
      const told = (event: Event): void => found(performance.timeOrigin + event.timeStamp);
      window.addEventListener(name, told, { capture: true, once: true });
    });
    return { time };
  }, kind);

const told = (times: readonly number[]): Record<string, unknown> => ({
  "p50, ms": rounded(median(times)),
  "p95, ms": rounded(percentile(times, 0.95)),
  times: times.length,
});

const cursors = async (one: Person, other: Person): Promise<readonly number[]> => {
  const place = await one.page.getByTestId("timeline-canvas").boundingBox();
  if (!place) throw new Error("there is no timeline");
  const times: number[] = [];
  for (let move = 0; move < ROUNDS * MOVES; move += 1) {
    await other.page.waitForTimeout(REST_MS);
    const [seen, done] = [await nextPaint(other), await nextEvent(one, "pointermove")];
    await one.page.mouse.move(place.x + 100 + ((move * 131) % 700), place.y + 80);
    times.push((await timeOf(seen)) - (await timeOf(done)));
  }
  return times;
};

const edits = async (one: Person, other: Person, film: Film): Promise<readonly number[]> => {
  const { x, y, width, height } = await one.clip(film.lead);
  await one.page.mouse.click(x + width / 2, y + height / 2);
  const times: number[] = [];
  for (let edit = 0; edit < ROUNDS * MOVES; edit += 1) {
    await one.saved();
    await other.page.waitForTimeout(REST_MS);
    const [seen, done] = [await nextMove(other, film.lead), await nextEvent(one, "keydown")];
    await one.page.keyboard.press(edit % 2 === 0 ? "." : ",");
    times.push((await timeOf(seen)) - (await timeOf(done)));
  }
  return times;
};

test("people", async () => {
  const server = await Cutroom.start();
  try {
    const cookies = await ownersCookies(server);
    const film = await longFilm(server, await sceneAssets(server), 1_000);
    const [one, other] = [await ownerArrives(cookies), await ownerArrives(cookies)];
    try {
      for (const person of [one, other]) {
        await person.page.goto(`${server.address}/p/${film.project}`);
        await person.opened();
        await person.saved();
      }
      keep({
        "another person's cursor on screen": told(await cursors(one, other)),
        "another person's edit on screen": told(await edits(one, other, film)),
      });
    } finally {
      await one.leave();
      await other.leave();
    }
  } finally {
    await server.stop();
  }
});
