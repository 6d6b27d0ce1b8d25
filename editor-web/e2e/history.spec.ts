/** Versions: named by key, looked at, restored by keyboard, and the restore taken back. */
import { expect, test } from "@playwright/test";
import { until } from "./api";
import { pictureClips } from "./cut";
import { Cutroom, makeClip } from "./cutroom";
import { Person } from "./people";
import { clean } from "./wcag";

test("editor-W20: a moment gets a name, is looked at, and comes back as an edit that is undone", async () => {
  test.setTimeout(180_000);
  const server = await Cutroom.start();
  const ana = await Person.arrive();
  const { page } = ana;
  const { keyboard } = page;
  try {
    const project = await server.project("Launch film");
    const asset = await server.asset(project, makeClip(server.folder, 1, 2), "Scene.mp4");
    const scenes = ["a", "b"].map((key) => ({ key, asset, name: `Scene ${key}` }));
    await server.post(`/projects/${project}/scenes`, { run: "gen_1", scenes });
    await ana.signIn(server);
    await ana.open(server, project);
    const cut = async () => pictureClips(await server.timeline(project)).length;
    expect(await cut()).toBe(2);

    // Ctrl+S: all is saved, and this moment may get a name.
    await keyboard.press("Control+s");
    await expect(page.getByRole("dialog", { name: /Already saved/ })).toBeVisible();
    await clean(page);
    await keyboard.type("Two scenes");
    await keyboard.press("Enter");
    await expect(page.getByText("Kept as “Two scenes”")).toBeVisible();

    const [first] = pictureClips(await server.timeline(project));
    if (!first) throw new Error("two scenes were to land");
    await server.post(`/projects/${project}/commands`, {
      commands: [{ op: "ripple_delete", clips: [first.id] }],
    });
    expect(await cut()).toBe(1);

    // The history: the version is found, says what it was, and plays as it was.
    await page.getByRole("button", { name: "Versions" }).click();
    const version = page.getByRole("button", { name: /Two scenes/ });
    await expect(version).toBeVisible();
    await clean(page);
    await version.focus();
    await keyboard.press("Enter");
    await expect(page.getByRole("heading", { name: "Looking at: Two scenes" })).toBeVisible();
    await expect(page.getByRole("gridcell", { name: /Scene a, V1/ })).toBeAttached();
    await expect(page.getByText(/Added clips “Scene a” and “Scene b”|Added 4 clips/)).toBeVisible();
    await clean(page);
    await page.screenshot({ path: test.info().outputPath("history.png") });
    const playhead = () => page.getByRole("textbox", { name: "Timecode" }).inputValue();
    await version.blur();
    await keyboard.press("Space");
    await until("the past plays", async () => (await playhead()) !== "00:00:00:00", 20);

    // Who did what.
    await page.getByRole("tab", { name: "Who did what" }).click();
    await expect(page.getByRole("list", { name: "Who did what" })).toContainText(/Removed/);
    await clean(page);
    await page.getByRole("tab", { name: "Versions" }).click();

    // Restored by keyboard, and taken back by Ctrl+Z.
    const restore = page.getByRole("button", { name: "Restore this version" });
    await restore.focus();
    await keyboard.press("Enter");
    const asked = page.getByRole("dialog", { name: "Restore Two scenes?" });
    await expect(asked).toBeVisible();
    await expect(asked.getByText(/Removed/)).toBeVisible();
    await clean(page);
    await asked.getByRole("button", { name: "Restore this version" }).press("Enter");
    await ana.opened();
    await until("both scenes are back", async () => (await cut()) === 2, 15);
    await expect(page.getByText("Restored Two scenes")).toBeVisible();
    await keyboard.press("Control+z");
    await until("the restore is undone", async () => (await cut()) === 1, 15);
    await keyboard.press("Control+Shift+z");
    await until("and done again", async () => (await cut()) === 2, 15);

    // The state before the restore kept itself; it gets a name of its own.
    await page.getByRole("button", { name: "Versions" }).click();
    await page.getByRole("button", { name: /Saved before Two scenes/ }).press("Enter");
    await page.getByRole("button", { name: "Name this version" }).press("Enter");
    await keyboard.type("One scene");
    await keyboard.press("Enter");
    await expect(page.getByRole("heading", { name: "Looking at: One scene" })).toBeVisible();
    await expect(page.getByRole("button", { name: /^One scene/ })).toBeVisible();
    expect(ana.problems).toEqual([]);
  } finally {
    await ana.leave();
    await server.stop();
  }
});
