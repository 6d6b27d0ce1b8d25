/** Two browsers on two servers of a cluster; the one that owns the document dies in the middle. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { Api, until } from "./api";
import { Cluster } from "./cluster";
import { expectedFilm, pictureClips } from "./cut";
import { makeClip, readFilm } from "./cutroom";
import { Door } from "./door";
import { Person } from "./people";

const FPS = 30;
const ASHA = { email: "asha@example.com", password: "quiet-otter-17" };

test("editor-W34: two people on two servers go on cutting when one of them dies, and the film that was ordered comes", async () => {
  test.setTimeout(300_000);
  const folder = mkdtempSync(join(tmpdir(), "cutroom-nodes-"));
  const cluster = await Cluster.start();
  const [one = 0, two = 0] = cluster.ports;
  const doors = [await Door.open([one, two]), await Door.open([two, one])] as const;
  const asha = await Person.arrive();
  const bea = await Person.arrive();
  try {
    const api = await signedUp(asha, doors[0].address);
    const project = await api.project("Launch film");
    const numbers = new Map<string, number>();
    for (const number of [1, 2, 3]) {
      const file = makeClip(folder, number, 4);
      numbers.set(await api.asset(project, file, `Scene ${number}.mp4`), number);
    }
    const scenes = [...numbers.keys()].map((asset, index) => ({ key: `scene-${index}`, asset }));
    await api.post(`/projects/${project}/scenes`, { run: "gen_1", scenes });
    const link = await api.post(`/projects/${project}/share-links`, { role: "editor" });
    const { pathname, hash } = new URL(link["url"]);

    await asha.open(doors[0], project); // who opens first has it on their server
    await bea.join(`${doors[1].address}${pathname}${hash}`, "Bea");
    const cut = async () => pictureClips(await api.timeline(project));
    const length = async (id: string) =>
      (await cut()).find((clip) => clip.id === id)?.duration ?? 0;
    const [first, second, third] = await cut();
    if (!first || !second || !third) throw new Error("three scenes were to land");

    await asha.dragClip(third.id, { x: 90 });
    await until("Bea sees the gap that Asha has opened", async () => {
      const [left, right] = [await bea.clip(second.id), await bea.clip(third.id)];
      return right.x - left.x - left.width > 20;
    });
    await Promise.all([asha.trimClip(third.id, "tail", -60), bea.trimClip(first.id, "head", 45)]);
    await until(
      "both trims are on the servers",
      async () =>
        (await length(third.id)) < third.duration && (await length(first.id)) < first.duration,
    );
    await Promise.all([asha.saved(), bea.saved()]);

    await asha.page.getByRole("button", { name: /^Export/ }).click();
    const ordered = asha.page.waitForResponse((answer) => answer.status() === 202);
    await asha.page
      .getByRole("dialog")
      .getByRole("button", { name: /^Export|^Start/ })
      .click();
    await ordered;
    const shown = expectedFilm(await api.timeline(project), numbers, FPS);
    await cluster.kill(0);

    await bea.trimClip(second.id, "tail", -50);
    await until("Bea's trim is on the other server", async () => {
      return (await length(second.id)) < second.duration;
    });
    const downloading = asha.page.waitForEvent("download", { timeout: 120_000 });
    await asha.page
      .getByRole("link", { name: /Download/ })
      .or(asha.page.getByRole("button", { name: /Download/ }))
      .first()
      .click({ timeout: 120_000 });
    const film = join(folder, "film.mp4");
    await (await downloading).saveAs(film);
    expect(readFilm(film)).toEqual(shown);

    await asha.page.keyboard.press("Escape");
    const before = await length(first.id);
    await asha.trimClip(first.id, "head", 30);
    await until("Asha's trim is there too", async () => (await length(first.id)) < before);
    await Promise.all([asha.saved(), bea.saved()]);
    for (const { id } of await cut()) {
      const [here, there] = [await asha.clip(id), await bea.clip(id)];
      expect(Math.abs(here.x - there.x)).toBeLessThan(2);
      expect(Math.abs(here.width - there.width)).toBeLessThan(2);
    }
    expect([...asha.problems, ...bea.problems]).toEqual([]);
  } finally {
    await asha.leave();
    await bea.leave();
    for (const door of doors) door.close();
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

/** An account of one's own, signed in at this browser; answers the interface with a token of it. */
const signedUp = async (person: Person, address: string): Promise<Api> => {
  const { request } = person.context;
  const at = (path: string) => `${address}/api/v1${path}`;
  await request.post(at("/accounts"), { data: { ...ASHA, name: "Asha" } });
  const me = await (await request.post(at("/session"), { data: ASHA })).json();
  const made = await request.post(at(`/workspaces/${me.workspaces[0].id}/tokens`), {
    data: { role: "owner" },
  });
  return new Api(address, (await made.json()).token);
};
