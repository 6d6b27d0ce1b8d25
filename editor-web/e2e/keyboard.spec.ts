/** The timeline without a pointer: the grid beside the canvas. */
import { expect, test } from "@playwright/test";
import { until } from "./api";
import { pictureClips } from "./cut";
import { Cutroom, makeClip } from "./cutroom";
import { FRAME } from "./films";
import { Person } from "./people";

test("editor-W8: by keyboard alone a clip is found, selected, moved, split, deleted, and all of it undone", async () => {
  const server = await Cutroom.start();
  const ana = await Person.arrive();
  const { page } = ana;
  const { keyboard } = page;
  try {
    const project = await server.project("By hand");
    const asset = await server.asset(project, makeClip(server.folder, 1, 2), "Scene.mp4");
    const scenes = ["a", "b", "c"].map((key, index) => ({
      key,
      asset,
      name: `Scene ${index + 1}`,
    }));
    await server.post(`/projects/${project}/scenes`, { run: "gen_1", scenes });
    await ana.signIn(server);
    await ana.open(server, project);
    const cut = async () =>
      pictureClips(await server.timeline(project)).map(({ start, duration }) => [
        start / FRAME,
        duration / FRAME,
      ]);
    const scenesLanded = [
      [0, 60],
      [60, 60],
      [120, 60],
    ];
    expect(await cut()).toEqual(scenesLanded);

    // F6 goes round the regions until the timeline has the focus; Tab leads into its grid.
    const inGrid = () => page.evaluate(() => document.activeElement?.getAttribute("role"));
    const region = () =>
      page.evaluate(() => document.activeElement?.getAttribute("data-region") ?? "");
    for (let tries = 0; tries < 8 && (await region()) !== "timeline"; tries += 1)
      await keyboard.press("F6");
    expect(await region()).toBe("timeline");
    for (let tries = 0; tries < 60 && (await inGrid()) !== "gridcell"; tries += 1)
      await keyboard.press("Tab");
    expect(await inGrid()).toBe("gridcell");
    const named = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
    expect(await named()).toMatch(/^Scene 1, V1, 00:00:00:00, 2 s$/);

    await keyboard.press("ArrowDown"); // its sound
    expect(await named()).toMatch(/^Scene 1, A1, /);
    await keyboard.press("ArrowUp");
    await keyboard.press("End");
    expect(await named()).toMatch(/^Scene 3, V1, 00:00:04:00/);
    await keyboard.press("Enter");
    expect(await named()).toMatch(/selected$/);

    await keyboard.press("Shift+Period");
    await until("the nudge", async () => (await cut())[2]?.[0] === 130, 15);
    await keyboard.press(",");
    await until("the nudge back", async () => (await cut())[2]?.[0] === 129, 15);

    await keyboard.type("500");
    await keyboard.press("Enter");
    await keyboard.press("s");
    await until("the split", async () => (await cut()).length === 4, 15);
    expect(await cut()).toEqual([
      [0, 60],
      [60, 60],
      [129, 21],
      [150, 39],
    ]);
    await keyboard.press("Delete");
    await until("the delete", async () => (await cut()).length === 3, 15);
    expect((await cut())[2]).toEqual([150, 39]);

    for (let undone = 0; undone < 4; undone += 1) await keyboard.press("Control+z");
    await expect.poll(cut).toEqual(scenesLanded);
    await ana.saved();
    expect(ana.problems).toEqual([]);
  } finally {
    await ana.leave();
    await server.stop();
  }
});
