/** Every screen and dialog against WCAG 2.2 AA. */
import { expect, test } from "@playwright/test";
import { pictureClips } from "./cut";
import { Cutroom, makeClip } from "./cutroom";
import { clip, FRAME, putFilm } from "./films";
import { Person } from "./people";
import { clean } from "./wcag";

test.describe.configure({ mode: "serial" });

let server: Cutroom;
let ana: Person;

test.beforeAll(async () => {
  test.setTimeout(120_000);
  server = await Cutroom.start();
  ana = await Person.arrive();
});

test.afterAll(async () => {
  await ana?.leave();
  await server?.stop();
});

test("editor-W11: the doors and the list of projects have no violation", async () => {
  const { page } = ana;
  await page.goto(`${server.address}/signin`);
  await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
  await clean(page, "sign-in");
  await page.getByRole("button", { name: /Create an account/ }).click();
  await clean(page, "sign-up");
  const project = await server.project("Doors");
  const { url } = await server.post(`/projects/${project}/share-links`, { role: "viewer" });
  await page.goto(url);
  await expect(page.getByRole("textbox", { name: /name/i })).toBeVisible();
  await clean(page, "share link");
  await server.post("/accounts", {
    email: "asha@example.com",
    password: "forgotten-otter-3",
    name: "Asha",
  });
  await page.goto(server.command("account", "reset", "asha@example.com"));
  const chosen = page.getByRole("textbox", { name: "New password" });
  await expect(chosen).toBeVisible();
  expect(page.url()).toBe(`${server.address}/reset`); // the key has left the address
  await clean(page, "reset link");
  await chosen.fill("short");
  await page.getByRole("button", { name: "Set the password" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await chosen.fill("remembered-otter-4");
  await page.getByRole("button", { name: "Set the password" }).click();
  await page.getByRole("textbox", { name: "Email" }).fill("asha@example.com");
  await page.getByRole("textbox", { name: "Password" }).fill("remembered-otter-4");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/(new|p\/|\?list|$)/);
  await ana.context.clearCookies();
  await page.goto(`${server.address}/nowhere`);
  await expect(page.getByText("There is nothing at this address")).toBeVisible();
  await clean(page, "no such page");

  await ana.signIn(server);
  await page.goto(`${server.address}/?list`);
  await expect(page.getByRole("link", { name: /^Open Doors/ })).toBeVisible();
  await clean(page, "projects");
  await page.getByRole("button", { name: /^More for Doors/ }).click();
  await expect(page.getByRole("menu")).toBeVisible();
  await clean(page, "menu of a project");
  await page.getByRole("menuitem", { name: "Rename" }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await clean(page, "rename");
  await page.keyboard.press("Escape");
  await ana.open(server, project);
  await clean(page, "empty editor");
});

test("editor-W12: the editor with a film, its panels and its dialogs have no violation", async () => {
  test.setTimeout(180_000);
  const { page } = ana;
  const { keyboard } = page;
  const project = await server.project("Full");
  const asset = await server.asset(project, makeClip(server.folder, 1, 3), "Scene.mp4");
  await putFilm(server, project, {
    clips: {
      one: clip("v1", 0, 40, { asset, name: "One" }),
      two: clip("v1", 40, 80, { asset, name: "Two" }),
      sound: clip("a1", 0, 80, { asset, name: "Sound" }),
      gone: clip("v2", 20, 60, { asset: "as_nowhere", name: "Gone" }),
      words: clip("v3", 10, 70, { kind: "title", text: "Words" }),
      lines: clip("cc", 0, 80, { kind: "captions" }),
    },
    cues: { q1: { clip: "lines", t: 0, duration: 30 * FRAME, text: "A line" } },
    transitions: {
      mix: {
        left: "one",
        right: "two",
        kind: "dissolve",
        in_offset: 5 * FRAME,
        out_offset: 5 * FRAME,
      },
    },
  });
  const { url } = await server.post(`/projects/${project}/share-links`, { role: "editor" });
  const bea = await Person.arrive();
  try {
    await ana.open(server, project);
    await bea.join(url, "Bea");
    await clean(bea.page, "a guest's editor");
    await clean(page, "editor with a film");

    for (const { id } of pictureClips(await server.timeline(project)).slice(0, 1)) {
      const { x, y, width, height } = await ana.clip(id);
      await page.mouse.click(x + width / 4, y + height - 6);
    }
    await clean(page, "inspector of a clip");
    for (const name of [/^Words/, /^Captions|^lines/i, /^Sound/]) {
      await page.getByRole("gridcell", { name }).first().focus();
      await keyboard.press("Enter");
      await clean(page, `inspector of ${name}`);
    }
    await page.getByRole("tab", { name: "Text" }).click();
    await clean(page, "text panel");

    for (const [tab, name] of [
      ["Captions", "captions panel"],
      ["Comments", "comments panel"],
    ] as const) {
      await page.getByRole("tab", { name: tab }).click();
      await clean(page, name);
    }
    await keyboard.press("Alt+c");
    await page.keyboard.type("Look @");
    await expect(page.getByRole("option", { name: "Owner" })).toBeVisible();
    await clean(page, "a comment being written");
    await page.keyboard.press("Escape");
    await page.getByRole("tab", { name: "Media" }).click();
    await page.getByRole("button", { name: /^Scene\.mp4/ }).focus();
    await keyboard.press("o");
    await expect(page.getByRole("region", { name: /^Source/ })).toBeVisible();
    await clean(page, "source monitor");
    await keyboard.press("Escape");

    const dialogs = [
      ["Control+Shift+e", "export"],
      ["Control+Slash", "shortcuts"],
      ["Control+Shift+k", "command palette"],
    ] as const;
    for (const [keys, name] of dialogs) {
      await keyboard.press(keys);
      await expect(page.getByRole("dialog")).toBeVisible();
      await clean(page, name);
      await keyboard.press("Escape");
      await expect(page.getByRole("dialog")).toHaveCount(0);
    }
    for (const name of ["Share", "History of exports"]) {
      await page.getByRole("button", { name, exact: true }).click();
      await expect(page.getByRole("dialog")).toBeVisible();
      await clean(page, name);
      if (name === "Share") {
        await page.getByRole("button", { name: "Create link" }).click();
        await expect(page.getByRole("button", { name: "Copy link", exact: true })).toBeVisible();
        await clean(page, "share with a link");
      }
      await keyboard.press("Escape");
      await expect(page.getByRole("dialog")).toHaveCount(0);
    }
    await page.setViewportSize({ width: 900, height: 700 });
    await clean(page, "narrow editor");
    expect([...ana.problems, ...bea.problems]).toEqual([]);
  } finally {
    await bea.leave();
  }
});
