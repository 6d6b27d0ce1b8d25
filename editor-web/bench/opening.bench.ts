/** From the address to an editor that answers, with nothing fetched before; and to one where somebody already is. */
import { test } from "@playwright/test";
import { Cutroom } from "../e2e/cutroom";
import {
  type Film,
  keep,
  longFilm,
  median,
  ownerArrives,
  ownersCookies,
  ROUNDS,
  rounded,
  sceneAssets,
} from "./stand";

const SLOWER = 4;
const BYTES_PER_SECOND = 9_000_000 / 8;

type Cookies = Parameters<typeof ownerArrives>[0];

/** Milliseconds until the editor of a film stands; a browser of its own that has nothing. */
const opened = async (
  server: Cutroom,
  cookies: Cookies,
  film: Film,
  slow: boolean,
): Promise<number> => {
  const person = await ownerArrives(cookies);
  try {
    const { page } = person;
    const tools = await person.context.newCDPSession(page);
    if (slow) {
      await tools.send("Network.enable");
      await tools.send("Network.emulateNetworkConditions", {
        offline: false,
        latency: 0,
        downloadThroughput: BYTES_PER_SECOND,
        uploadThroughput: BYTES_PER_SECOND,
      });
      await tools.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
    }
    await page.goto(`${server.address}/p/${film.project}`, { waitUntil: "commit" });
    const found = await page.waitForFunction(() => window.bench?.readyAt, undefined, {
      polling: 200,
    });
    return (await found.jsonValue()) as number;
  } finally {
    await person.leave();
  }
};

test("opening", async () => {
  const server = await Cutroom.start();
  try {
    const cookies = await ownersCookies(server);
    const assets = await sceneAssets(server);
    const film = await longFilm(server, assets, 1_000);
    const figures: Record<string, unknown> = {};
    const several = async (name: string, slow: boolean): Promise<void> => {
      const times: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1)
        times.push(await opened(server, cookies, film, slow));
      figures[name] = { median: rounded(median(times)), all: times.map(rounded) };
    };
    await several("cold, 1,000 clips, ms", false);
    await several(`cold, 1,000 clips, CPU/${SLOWER} and 9 Mbit/s, ms`, true);
    const host = await ownerArrives(cookies);
    try {
      await host.open(server, film.project);
      await several("join, 1,000 clips, somebody there, cold, ms", false);
    } finally {
      await host.leave();
    }
    keep(figures);
  } finally {
    await server.stop();
  }
});
