/** What people may throw at the editor: one clear message each, and nobody else is disturbed. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { until } from "./api";
import { expectedFilm, pictureClips } from "./cut";
import { Cutroom, makeClip, ROOT, readFilm } from "./cutroom";
import {
  clip,
  compareWithFilm,
  exported,
  FRAME,
  previewShown,
  previewStats,
  putFilm,
  readMarks,
  renderFrames,
} from "./films";
import { Person } from "./people";

const PYTHON = join(ROOT, ".venv/bin/python");

let server: Cutroom;
let ana: Person;
let scene: string; // an asset whose pictures carry the number 1

test.beforeAll(async () => {
  test.setTimeout(120_000);
  server = await Cutroom.start();
  ana = await Person.arrive();
  await ana.signIn(server);
  const media = await server.project("Media");
  scene = await server.asset(media, makeClip(server.folder, 1, 3), "Scene.mp4");
});

test.afterAll(async () => {
  await ana?.leave();
  await server?.stop();
});

test("editor-W6: files that are no media get one message each in the bin; a huge still is fine; nobody else is disturbed", async () => {
  test.setTimeout(180_000);
  const project = await withOneScene("Bad files");
  const { url } = await server.post(`/projects/${project}/share-links`, { role: "editor" });
  const bea = await Person.arrive();
  try {
    await ana.open(server, project);
    await bea.join(url, "Bea");
    const files = badFiles();
    await ana.page.getByLabel("Add media").last().setInputFiles(Object.values(files));
    const told = {
      "notes.mp4": "Not media: this is text, not picture or sound",
      "empty.mp4": "Not media: the file is empty",
      "torn.mp4": /^Media damaged: cut off or broken/,
    };
    for (const [name, words] of Object.entries(told)) {
      const item = ana.page.getByRole("listitem").filter({ hasText: name });
      await expect(item).toHaveCount(1);
      await expect(item.getByText(words)).toBeVisible({ timeout: 60_000 });
      expect(await item.textContent()).not.toMatch(/Traceback|\/tmp|tus|[{}]|undefined/i);
    }
    const still = ana.page.getByRole("button", { name: /^wide\.png, .*ready/ });
    await expect(still).toBeVisible({ timeout: 60_000 });
    await still.focus();
    await ana.page.keyboard.press("e");
    await until(
      "the still is on the timeline",
      async () => pictureClips(await server.timeline(project)).length === 2,
      15,
    );

    // What cannot be used does not go on the timeline either.
    await ana.page.getByRole("button", { name: /^torn\.mp4, / }).focus();
    await ana.page.keyboard.press("e");

    const [first] = pictureClips(await server.timeline(project));
    await bea.trimClip(first?.id ?? "", "tail", -80);
    await until(
      "Bea's trim",
      async () =>
        (pictureClips(await server.timeline(project))[0]?.duration ?? 0) < (first?.duration ?? 0),
      15,
    );
    expect(pictureClips(await server.timeline(project))).toHaveLength(2);

    // A guest edits, but spends nothing: the button says so, and opens no dialog.
    await bea.page.getByRole("button", { name: "Export", exact: true }).press("Enter");
    await expect(bea.page.getByText("Guests spend no credits.").last()).toBeVisible();
    await expect(bea.page.getByRole("dialog")).toHaveCount(0);
    expect([...ana.problems, ...bea.problems]).toEqual([]);
  } finally {
    await bea.leave();
  }
});

test("editor-W7: who comes by a viewer's link sees everything and can change nothing", async () => {
  // Uploaded elsewhere and landed here: from then on it is media of this project too.
  const elsewhere = await server.project("Uploads");
  const project = await server.project("To look at");
  const asset = await server.asset(elsewhere, makeClip(server.folder, 7, 3), "Scene.mp4");
  const scenes = [{ key: "a", asset, name: "Scene" }];
  await server.post(`/projects/${project}/scenes`, { run: "gen_1", scenes });
  const { url } = await server.post(`/projects/${project}/share-links`, { role: "viewer" });
  const vik = await Person.arrive();
  const { page } = vik;
  try {
    await vik.join(url, "Vik");
    await previewShown(page);
    const before = await server.timeline(project);
    const [first] = pictureClips(before);
    const id = first?.id ?? "";
    await expect(page.getByText("View only").first()).toBeVisible();
    await expect(page.getByRole("gridcell", { name: /^Scene, V1/ })).toHaveCount(1);
    for (const name of [/^Export/, /^Share$/, /^Add media$/, /^Undo$/])
      await expect(page.getByRole("button", { name })).toHaveCount(0);

    await vik.dragClip(id, { x: 120 });
    await vik.trimClip(id, "tail", -60);
    const { x, y, width, height } = await vik.clip(id);
    await page.mouse.click(x + width / 2, y + height / 2);
    for (const key of ["s", ".", "q", "t", "m", "d", "Delete", "Shift+Delete", "Control+v"])
      await page.keyboard.press(key);
    await page.keyboard.press("Space");
    const { frame } = await previewStats(page);
    await expect.poll(async () => (await previewStats(page)).frame).toBeGreaterThan(frame);
    const fields = page.getByRole("complementary").getByRole("textbox");
    for (const field of await fields.all()) expect(await field.isEditable()).toBe(false);
    const rect = await vik.clip(id);
    expect([rect.x, rect.width]).toEqual([x, width]);
    expect(await server.timeline(project)).toEqual(before);
    expect(vik.problems).toEqual([]);
  } finally {
    await vik.leave();
  }
});

test("editor-W9: HEVC, which the browser cannot play, says that it is prepared and then plays", async () => {
  test.setTimeout(180_000);
  const project = await server.project("Phone film");
  const path = join(server.folder, "phone.mp4");
  const args = ["-m", "tests.media", "make", path, "--number", "7", "--seconds", "6"];
  execFileSync(PYTHON, [...args, "--codec", "hevc10"], { cwd: ROOT });
  await ana.open(server, project);
  await ana.page.getByLabel("Add media").last().setInputFiles(path);
  await expect(ana.page.getByText("preparing proxy").first()).toBeVisible();
  const ready = ana.page.getByRole("button", { name: /^phone\.mp4, .*ready/ });
  await expect(ready).toBeVisible({ timeout: 90_000 });
  await ready.focus();
  await ana.page.keyboard.press("e");
  await until("the clip", async () => pictureClips(await server.timeline(project)).length === 1);
  await previewShown(ana.page);
  const frames = [0, 31, 90, 179];
  const marks = readMarks(await renderFrames(ana.page, join(server.folder, "hevc"), frames));
  for (const frame of frames) expect(marks[frame]).toEqual([7, frame]);
  await ana.page.keyboard.press("Space");
  await expect.poll(async () => (await previewStats(ana.page)).frame).toBeGreaterThan(30);
  await ana.page.keyboard.press("Space");
  expect(ana.problems).toEqual([]);
});

test("editor-W10: a clip without media is a marked slate in preview, timeline and film, and the export goes on", async () => {
  test.setTimeout(180_000);
  const project = await server.project("Holes");
  await putFilm(server, project, {
    clips: {
      here: clip("v1", 0, 40, { asset: scene, name: "Here" }),
      gone: clip("v1", 40, 80, { asset: "as_nowhere", name: "Gone" }),
      back: clip("v1", 80, 120, { asset: scene, source_in: 40 * FRAME, name: "Back" }),
    },
  });
  await ana.open(server, project);
  const { page } = ana;
  await expect(page.getByRole("gridcell", { name: /^Gone \(Missing media\), V1/ })).toHaveCount(1);
  const frames = [20, 60, 100];
  const shown = await renderFrames(page, join(server.folder, "holes"), frames);
  const marks = readMarks(shown);
  expect(frames.map((frame) => marks[frame])).toEqual([[1, 20], null, [1, 60]]);

  await page.keyboard.press("Control+Shift+e");
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText(/Media is missing: a slate is shown instead/)).toBeVisible();
  await page.keyboard.press("Escape");
  const film = await exported(server, project);
  const numbers = new Map([[scene, 1]]);
  expect(readFilm(film)).toEqual(expectedFilm(await server.timeline(project), numbers, 30));
  expect(compareWithFilm(film, shown)["60"]?.here).toBeGreaterThan(0.93);
  const { items } = await server.get(`/projects/${project}/exports`);
  expect(items[0].report.diagnostics).toContainEqual(
    expect.objectContaining({ code: "media_missing", id: "gone" }),
  );

  // It is linked again, in place.
  await page.getByRole("gridcell", { name: /^Gone/ }).focus();
  await page.keyboard.press("Enter");
  const choice = page.getByRole("combobox", { name: "Relink to" });
  await choice.selectOption(scene); // waits until it is offered
  await expect(page.getByRole("gridcell", { name: /^Gone, V1/ })).toHaveCount(1);
  await expect(choice).toHaveCount(0);
  expect((await server.timeline(project))["clips"]["gone"]).toMatchObject({ asset: scene });
  expect(ana.problems).toEqual([]);
});

const withOneScene = async (name: string): Promise<string> => {
  const project = await server.project(name);
  const scenes = [{ key: "a", asset: scene, name: "Scene" }];
  await server.post(`/projects/${project}/scenes`, { run: "gen_1", scenes });
  return project;
};

/** A text, nothing, the first half of a film, and a picture of 7680 x 4320. */
const badFiles = (): Readonly<Record<string, string>> => {
  const at = (name: string) => join(server.folder, name);
  writeFileSync(at("notes.mp4"), "These are notes, not a film.\n".repeat(200));
  writeFileSync(at("empty.mp4"), "");
  const whole = readFileSync(makeClip(server.folder, 2, 2));
  writeFileSync(at("torn.mp4"), whole.subarray(0, whole.length / 2));
  const make = "import sys; from pathlib import Path; from tests.media import Clips";
  const body = `${make}; Clips(Path(sys.argv[1])).still("wide", 7680, 4320, alpha=False)`;
  execFileSync(PYTHON, ["-c", body, server.folder], { cwd: ROOT });
  return Object.fromEntries(
    ["notes.mp4", "empty.mp4", "torn.mp4", "wide.png"].map((name) => [name, at(name)]),
  );
};
