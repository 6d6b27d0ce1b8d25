/** Two browsers on one timeline, from the first drag to the film. */
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { until } from "./api";
import { expectedFilm, pictureClips } from "./cut";
import { Cutroom, makeClip, readFilm } from "./cutroom";
import { Person } from "./people";

const FPS = 30;

test("editor-W1: two people cut one timeline, one of them offline for a while, and the film is their cut", async () => {
  test.setTimeout(300_000);
  const server = await Cutroom.start();
  const ana = await Person.arrive();
  const bea = await Person.arrive();
  try {
    const project = await server.project("Launch film");
    const numbers = new Map<string, number>();
    for (const number of [1, 2, 3]) {
      const file = makeClip(server.folder, number, 4);
      numbers.set(await server.asset(project, file, `Scene ${number}.mp4`), number);
    }
    const scenes = [...numbers.keys()].map((asset, index) => ({
      key: `scene-${index + 1}`,
      asset,
      name: `Scene ${index + 1}`,
    }));
    await server.post(`/projects/${project}/scenes`, { run: "gen_1", scenes });
    const link = await server.post(`/projects/${project}/share-links`, { role: "editor" });

    await ana.signIn(server);
    await ana.open(server, project);
    await bea.join(link["url"], "Bea");

    const cut = async () => pictureClips(await server.timeline(project));
    const [first, second, third] = await cut();
    if (!first || !second || !third) throw new Error("three scenes were to land");

    // Ana drags the last scene to the right; Bea sees it.
    const gapAt = async (person: Person) => {
      const [left, right] = [await person.clip(second.id), await person.clip(third.id)];
      return right.x - left.x - left.width;
    };
    await ana.dragClip(third.id, { x: 90 });
    await until("Ana's drag opened a gap", async () => (await gapAt(ana)) > 20, 10);
    await until(
      "Bea sees the same gap",
      async () => Math.abs((await gapAt(bea)) - (await gapAt(ana))) < 2,
      10,
    );

    // Both trim at once, each another clip; both are kept.
    await Promise.all([ana.trimClip(third.id, "tail", -60), bea.trimClip(first.id, "head", 45)]);
    await until(
      "both trims are on the server",
      async () => {
        const clips = await cut();
        const head = clips.find(({ id }) => id === first.id);
        const tail = clips.find(({ id }) => id === third.id);
        return (head?.source_in ?? 0) > 0 && (tail?.duration ?? 0) < third.duration;
      },
      15,
    );

    // Bea loses the network, splits and deletes; Ana goes on; both are kept.
    await bea.context.setOffline(true);
    await expect(bea.page.getByText(/Offline|Reconnecting/).first()).toBeVisible({
      timeout: 30_000,
    });
    await bea.trimClip(second.id, "tail", -50);
    await expect(bea.page.getByText(/Offline.*1 edit|Offline.*edits/).first()).toBeVisible();
    await ana.dragClip(third.id, { x: 60 });
    await bea.context.setOffline(false);
    await until(
      "the offline trim has merged",
      async () =>
        ((await cut()).find(({ id }) => id === second.id)?.duration ?? 0) < second.duration,
      40,
    );
    await Promise.all([ana.saved(), bea.saved()]);
    for (const { id } of await cut()) {
      const [here, there] = [await ana.clip(id), await bea.clip(id)];
      expect(Math.abs(here.x - there.x)).toBeLessThan(2);
      expect(Math.abs(here.width - there.width)).toBeLessThan(2);
    }

    // Ana, whose workspace pays, exports and downloads the film; its frames are the cut.
    await ana.page.getByRole("button", { name: /^Export/ }).click();
    const dialog = ana.page.getByRole("dialog");
    await dialog.getByRole("button", { name: /^Export|^Start/ }).click();
    const downloading = ana.page.waitForEvent("download", { timeout: 120_000 });
    await ana.page
      .getByRole("link", { name: /Download/ })
      .or(ana.page.getByRole("button", { name: /Download/ }))
      .first()
      .click({ timeout: 120_000 });
    const film = join(server.folder, "film.mp4");
    await (await downloading).saveAs(film);
    expect(readFilm(film)).toEqual(expectedFilm(await server.timeline(project), numbers, FPS));
    expect([...ana.problems, ...bea.problems]).toEqual([]);
  } finally {
    await ana.leave();
    await bea.leave();
    await server.stop();
  }
});
