/** A newcomer's first minute: the sample that lands while they look, and a film of their own. */
import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { until } from "./api";
import { expectedFilm, pictureClips, TICKS } from "./cut";
import { Cutroom, makeClip, readFilm } from "./cutroom";
import { previewShown, previewStats } from "./films";
import { Person } from "./people";
import { failedCalls } from "./witness";

const SCENES = 6;
const EXTRAS = [
  [/^V2,/, 2],
  [/^Music,/, 1],
  [/^Captions,/, 1],
] as const;

test("editor-W4: a newcomer lands in the sample, sees its scenes land one after another, and it plays", async () => {
  test.setTimeout(480_000); // the sample is painted at low priority: on a busy machine it takes its time
  const server = await Cutroom.start({ demo: true });
  const ana = await Person.arrive();
  const { page } = ana;
  const failed = failedCalls(page);
  try {
    await ana.signIn(server);
    await page.waitForURL(/\/p\/[^/]+/);
    await ana.opened();
    await expect(page.getByRole("textbox", { name: "Project name" })).toHaveValue(/^Sample/);

    const scenes = page.getByRole("row", { name: /^V1,/ }).getByRole("gridcell");
    const seen = new Set<number>();
    const on = (name: RegExp) => page.getByRole("row", { name }).getByRole("gridcell");
    await until(
      "the whole sample",
      async () => {
        seen.add(await scenes.count());
        const counts = await Promise.all(EXTRAS.map(([name]) => on(name).count()));
        return counts.every((count, index) => count >= (EXTRAS[index]?.[1] ?? 0));
      },
      400,
    );
    expect(Math.max(...seen)).toBe(SCENES);
    expect(seen.size).toBeGreaterThanOrEqual(3); // one after another, not all at once
    const project = new URL(page.url()).pathname.split("/")[2] ?? "";
    const lasts = ["transitions", "cues", "markers"] as const; // the marker is the last thing to land
    const landed = async () => {
      const timeline = await server.timeline(project);
      return lasts.map((map) => Object.keys(timeline[map]).length);
    };
    await expect.poll(landed, { timeout: 30_000 }).toEqual([1, 5, 1]);

    await previewShown(page);
    const before = await pictureOf(page);
    const { frame } = await previewStats(page);
    await page.keyboard.press("Space");
    await expect.poll(async () => (await previewStats(page)).frame).toBeGreaterThan(frame + 30);
    await page.keyboard.press("Space");
    await previewShown(page);
    expect(await pictureOf(page)).not.toBe(before);
    await ana.saved();
    expect([...ana.problems, ...failed]).toEqual([]);
  } finally {
    await ana.leave();
    await server.stop();
  }
});

test("editor-W5: from an empty list to a film of one's own: two files, a split, a ripple, a title, an export", async () => {
  test.setTimeout(300_000);
  const server = await Cutroom.start();
  const ana = await Person.arrive();
  const { page } = ana;
  const { keyboard } = page;
  const failed = failedCalls(page);
  try {
    // Without a sample the newcomer is at once in a project of their own; the list is empty without it.
    await ana.signIn(server);
    await page.waitForURL(/\/p\/[^/]+/);
    await ana.opened();
    await page.getByRole("link", { name: "Back to projects" }).click();
    await page.getByRole("button", { name: /^More for Untitled film/ }).click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await expect(page.getByText("No projects yet")).toBeVisible();
    await page.getByRole("button", { name: "New project" }).first().click();
    await page.waitForURL(/\/p\/[^/]+/);
    await ana.opened();
    const project = new URL(page.url()).pathname.split("/")[2] ?? "";
    const cut = async () => pictureClips(await server.timeline(project));

    // Two files into the bin; what they are doing is told while they do it.
    const files = [1, 2].map((number) => makeClip(server.folder, number, 3));
    const told = page.getByRole("progressbar").first().waitFor();
    await page.getByLabel("Add media").last().setInputFiles(files);
    await told;
    const item = (number: number) =>
      page.getByRole("button", { name: new RegExp(`^clip-${number}.mp4, .*ready`) });
    for (const number of [1, 2]) await expect(item(number)).toBeVisible({ timeout: 60_000 });

    // One by the keyboard, one by hand, right behind the first.
    await item(1).focus();
    await keyboard.press("e");
    await until("the first clip", async () => (await cut()).length === 1, 15);
    const [first] = await cut();
    await previewShown(page);
    await keyboard.press("-"); // room behind the film
    const one = await ana.clip(first?.id ?? "");
    await item(2).dragTo(page.getByTestId("timeline-canvas"), {
      targetPosition: await inside(page, one.x + one.width + 3, one.y + one.height / 2),
    });
    await until("the second clip", async () => (await cut()).length === 2, 15);
    expect((await cut())[1]?.start).toBe(3 * TICKS);

    // Split at 1 s, ripple away the first part, back and forth.
    await keyboard.press("Escape");
    await goTo(page, "100");
    await keyboard.press("s");
    await until("the split", async () => (await cut()).length === 3, 15);
    const head = await ana.clip((await cut())[0]?.id ?? "");
    await page.mouse.click(head.x + head.width / 2, head.y + head.height / 2);
    await keyboard.press("Shift+Delete");
    const lengths = async () => (await cut()).map(({ duration }) => Math.round(duration / TICKS));
    await expect.poll(lengths).toEqual([2, 3]);
    expect((await cut()).map(({ start }) => start / TICKS)).toEqual([0, 2]);
    await keyboard.press("Control+z");
    await expect.poll(lengths).toEqual([1, 2, 3]);
    await keyboard.press("Control+Shift+z");
    await expect.poll(lengths).toEqual([2, 3]);

    await keyboard.press("Home");
    await keyboard.press("t");
    await expect(page.getByRole("gridcell", { name: /^Title/ })).toHaveCount(1);
    await ana.saved();

    await keyboard.press("Control+Shift+e");
    await page.getByRole("dialog").getByRole("button", { name: "Export" }).click();
    const downloading = page.waitForEvent("download", { timeout: 120_000 });
    await page.getByRole("link", { name: "Download" }).first().click({ timeout: 120_000 });
    const film = join(server.folder, "film.mp4");
    await (await downloading).saveAs(film);
    const { items } = await server.get(`/workspaces/${await server.workspace()}/assets`);
    const numbers = new Map<string, number>(
      items.map(({ id, name }: { id: string; name: string }) => [id, Number(name.slice(5, 6))]),
    );
    const expected = expectedFilm(await server.timeline(project), numbers, 30);
    expect(expected.length).toBe(150);
    expect(readFilm(film)).toEqual(expected);
    expect([...ana.problems, ...failed]).toEqual([]);
  } finally {
    await ana.leave();
    await server.stop();
  }
});

/** What the preview shows, as one comparable string. */
const pictureOf = (page: Page): Promise<string> =>
  page.evaluate(
    () => document.querySelector<HTMLCanvasElement>("canvas[role=img]")?.toDataURL() ?? "",
  );

/** A point of the page as one inside the timeline's canvas. */
const inside = async (page: Page, x: number, y: number) => {
  const box = await page.getByTestId("timeline-canvas").boundingBox();
  return { x: x - (box?.x ?? 0), y: y - (box?.y ?? 0) };
};

/** Types a time and goes there. */
const goTo = async (page: Page, code: string): Promise<void> => {
  await page.keyboard.type(code);
  await page.keyboard.press("Enter");
};
