/** kill -9 of the server, while people edit and while a film is made. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { until } from "./api";
import { expectedFilm, pictureClips } from "./cut";
import { Cutroom, makeClip, readFilm } from "./cutroom";
import { Person } from "./people";

test("editor-W2: what the editor called saved is there after kill -9, and the editor comes back by itself", async () => {
  test.setTimeout(240_000);
  const server = await Cutroom.start();
  const ana = await Person.arrive();
  try {
    const project = await server.project("Power cut");
    const asset = await server.asset(project, makeClip(server.folder, 1, 4), "Scene 1.mp4");
    await server.post(`/projects/${project}/scenes`, {
      run: "gen_1",
      scenes: [{ key: "a", asset }],
    });
    await ana.signIn(server);
    await ana.open(server, project);
    const clip = async () => pictureClips(await server.timeline(project))[0];
    const id = (await clip())?.id ?? "";

    await ana.dragClip(id, { x: 120 });
    await until("the drag is durable", async () => ((await clip())?.start ?? 0) > 0, 15);
    await ana.saved();
    const saved = await clip();

    // What is on screen stays there when it cannot be asked for again, however often that is tried.
    const asked = `**/api/v1/projects/${project}`;
    const refused: string[] = [];
    await ana.page.route(asked, (route) => {
      refused.push(route.request().url());
      return route.abort();
    });
    await server.post(`/projects/${project}/commands`, {
      commands: [{ op: "add_marker", t: 0, name: "Here" }],
    });
    await until("the project was asked for four times", async () => refused.length >= 4);
    await ana.page.unroute(asked);
    await ana.saved();

    await server.kill();
    await ana.dragClip(id, { x: 80 }); // nobody is there to take it; it is kept here
    await server.up();
    await until(
      "the edit made meanwhile has arrived",
      async () => ((await clip())?.start ?? 0) > (saved?.start ?? 0),
      40,
    );
    await ana.saved();
    expect((await clip())?.duration).toBe(saved?.duration);
  } finally {
    await ana.leave();
    await server.stop();
  }
});

test("editor-W3: an export goes on after kill -9, and gives the film of its cut", async () => {
  test.setTimeout(300_000);
  const server = await Cutroom.start();
  try {
    const project = await server.project("Long film");
    const numbers = new Map<string, number>();
    for (const number of [1, 2]) {
      const file = makeClip(server.folder, number, 20);
      numbers.set(await server.asset(project, file, `Scene ${number}.mp4`), number);
    }
    const scenes = [...numbers.keys()].map((asset, index) => ({ key: `scene-${index}`, asset }));
    await server.post(`/projects/${project}/scenes`, { run: "gen_1", scenes });
    const { id } = await server.post(
      `/projects/${project}/exports`,
      { preset: "draft" },
      { "Idempotency-Key": randomUUID() },
    );
    await until(
      "the export has begun to render",
      async () => !["queued", "planning"].includes((await server.get(`/exports/${id}`))["state"]),
      60,
    );
    await server.kill();
    await server.up();
    await until(
      "the export is done",
      async () => {
        const found = await server.get(`/exports/${id}`);
        if (found["state"] === "failed") throw new Error(JSON.stringify(found["problem"]));
        return found["state"] === "done";
      },
      150,
    );
    const film = join(server.folder, "film.mp4");
    await server.download(`/api/v1/exports/${id}/file`, film);
    expect(readFilm(film)).toEqual(expectedFilm(await server.timeline(project), numbers, 30));
  } finally {
    await server.stop();
  }
});
