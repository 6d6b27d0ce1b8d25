/** Somebody who has never seen it: the first film, other languages, the light theme, a phone. */
import { readFileSync } from "node:fs";
import { expect, type Page, test } from "@playwright/test";
import { until } from "./api";
import { Cutroom, makeClip } from "./cutroom";
import { clip, FRAME, putFilm } from "./films";
import { Person } from "./people";
import { clean } from "./wcag";

let server: Cutroom;
let ana: Person;

test.beforeAll(async () => {
  test.setTimeout(120_000);
  server = await Cutroom.start();
  ana = await Person.arrive();
  await ana.signIn(server);
});

test.afterAll(async () => {
  await ana?.leave();
  await server?.stop();
});

test("editor-W23: a newcomer drops a file on the timeline, splits it and has a film; hints cover nothing", async () => {
  test.setTimeout(180_000);
  const { page } = ana;
  const project = await server.project("First");
  await ana.open(server, project);
  const began = Date.now();
  const hints = page.getByRole("region", { name: "First steps" });
  await expect(hints).toContainText("Drop video");
  const whole = page.viewportSize() ?? { width: 1440, height: 900 };
  await page.setViewportSize({ width: 1280, height: 720 });
  const place = await hints.boundingBox();
  const room = await page.getByRole("complementary", { name: "Library" }).boundingBox();
  const add = await page.getByRole("button", { name: "Add media" }).last().boundingBox();
  if (!place || !room || !add) throw new Error("the hint has no place");
  expect(place.x + place.width).toBeLessThanOrEqual(room.x + room.width);
  expect(place.y).toBeGreaterThanOrEqual(add.y + add.height);
  expect(place.y + place.height).toBeLessThanOrEqual(room.y + room.height);
  await page.setViewportSize(whole);

  // Dropped as from a folder of the computer.
  const bytes = readFileSync(makeClip(server.folder, 3, 3)).toString("base64");
  const files = await page.evaluateHandle((data) => {
    const held = new DataTransfer();
    const content = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    held.items.add(new File([content], "Holiday.mp4", { type: "video/mp4" }));
    return held;
  }, bytes);
  const timeline = page.getByTestId("timeline-canvas");
  for (const type of ["dragover", "drop"]) {
    await timeline.dispatchEvent(type, { dataTransfer: files, clientX: 400, clientY: 760 });
  }
  const live = async () =>
    Object.values((await server.timeline(project))["clips"] as object).filter(
      (record) => record.removed !== true,
    );
  await until("the clip", async () => (await live()).length === 2, 60);
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowDown"); // to the clip, wherever it fell
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("s");
  await until("the split", async () => (await live()).length === 4, 15);
  await ana.saved();
  await page
    .getByRole("button", { name: /^Export/ })
    .first()
    .click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^Export/ })
    .click();
  await expect(
    page
      .getByRole("link", { name: /Download/ })
      .or(page.getByRole("button", { name: /Download/ }))
      .first(),
  ).toBeVisible({ timeout: 120_000 });
  test.info().annotations.push({ type: "seconds", description: `${(Date.now() - began) / 1000}` });

  // Dismissed for good: not there after a reload either.
  await hints.getByRole("button", { name: "Next" }).click();
  await expect(hints).toContainText("splits the clip");
  await hints.getByRole("button", { name: "No more hints" }).click();
  await expect(hints).toHaveCount(0);
  await page.reload();
  await ana.opened();
  await expect(page.getByRole("tab", { name: "Media" })).toBeVisible();
  await expect(hints).toHaveCount(0);
  expect(ana.problems).toEqual([]);
});

/** Words on the page that are neither translated nor what people typed, nor numbers and keys. */
const bareWords = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const OWN =
      /^(#[0-9a-f]{6,8}|Main|Film|One|Two|Words|A line|(Scene|Holiday)\.mp4|Owner|O|Cutroom|English|Deutsch|Premiere Pro)$/;
    const PLAIN = /^[\s\d:;.,/×%+−°·|–—›✓(){}[\]<>=?!'"`\\-]*(s|kB|MB|dB|V|A|C|min)?\d*$/;
    const found = new Set<string>();
    const look = (text: string | null) => {
      const word = text?.trim() ?? "";
      if (word === "" || word.includes("⟦") || PLAIN.test(word) || OWN.test(word)) return;
      found.add(word);
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (parent?.closest("script, style, kbd, textarea, [hidden]")) continue;
      look(node.textContent);
    }
    for (const element of document.querySelectorAll("[aria-label], [placeholder], [title]")) {
      for (const name of ["aria-label", "placeholder", "title"]) look(element.getAttribute(name));
    }
    return [...found];
  });

test("editor-W24: no word is outside of the translations; German and the light theme are as accessible", async () => {
  test.setTimeout(180_000);
  const { page } = ana;
  const project = await server.project("Film");
  const asset = await server.asset(project, makeClip(server.folder, 1, 3), "Scene.mp4");
  await putFilm(server, project, {
    clips: {
      one: clip("v1", 0, 40, { asset, name: "One", "kf:x:a": [0, 0, "linear"] }),
      two: clip("v1", 40, 80, { asset, name: "Two" }),
      words: clip("v3", 10, 70, { kind: "title", text: "Words" }),
      lines: clip("cc", 0, 80, { kind: "captions" }),
    },
    cues: { q1: { clip: "lines", t: 0, duration: 30 * FRAME, text: "A line" } },
  });
  const inLanguage = async (values: object): Promise<void> => {
    await page.evaluate(async (body) => {
      localStorage.setItem("cutroom:preferences", JSON.stringify(body));
      await fetch("/api/v1/me/preferences", {
        method: "PATCH",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ values: body }),
      });
    }, values);
    await ana.open(server, project);
    await ana.clip("one");
    await page.waitForLoadState("networkidle");
  };
  await inLanguage({ language: "qps", theme: "dark", coached: ["first-steps"] });
  await page.getByRole("gridcell").first().focus();
  await page.keyboard.press("Enter");
  const screens: [string, string[]][] = [["editor", await bareWords(page)]];
  for (let tab = 1; tab < 4; tab += 1) {
    await page.getByRole("tab").nth(tab).click();
    await page.waitForLoadState("networkidle");
    screens.push([`tab ${tab}`, await bareWords(page)]);
  }
  for (const keys of ["Control+Slash", "Control+Shift+k"]) {
    await page.keyboard.press(keys);
    await expect(page.getByRole("dialog")).toBeVisible();
    screens.push([keys, await bareWords(page)]);
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
  }
  expect(screens.filter(([, words]) => words.length > 0)).toEqual([]);

  await inLanguage({ language: "de", theme: "light", coached: ["first-steps"] });
  await expect(page.getByRole("button", { name: "Exportieren" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  await clean(page, "German, light");
  await page.getByRole("gridcell").first().focus();
  await page.keyboard.press("Enter");
  await clean(page, "inspector, light");
  await page.keyboard.press("Control+Slash");
  await clean(page, "shortcuts, light");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Alt+c");
  await expect(page.getByRole("combobox", { name: "Kommentar", exact: true })).toBeFocused();
  await page.keyboard.type("Kürzer?");
  await page.keyboard.press("Control+Enter");
  await expect(page.getByText("Kürzer?")).toBeVisible();
  await clean(page, "comments, light");

  // Back to English in the dark, from the dialog, by name.
  await page.keyboard.press("Control+Shift+k");
  await page.getByRole("dialog").getByRole("combobox").fill("Aussehen");
  await page.keyboard.press("Enter");
  const look = page.getByRole("dialog", { name: "Aussehen und Sprache" });
  await clean(page, "look and language");
  await look.getByRole("combobox", { name: "Aussehen" }).selectOption("dark");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await look.getByRole("combobox", { name: "Sprache" }).selectOption("en");
  await look.getByRole("button", { name: "Neu laden" }).click();
  await expect(page.getByRole("button", { name: "Share" })).toBeVisible();
  expect(ana.problems).toEqual([]);
});

test("editor-W25: on a phone the film is watched and commented", async () => {
  const { page } = ana;
  await page.setViewportSize({ width: 390, height: 844 });
  const project = await server.project("Pocket");
  const asset = await server.asset(project, makeClip(server.folder, 2, 2), "Scene.mp4");
  await putFilm(server, project, { clips: { one: clip("v1", 0, 60, { asset, name: "One" }) } });
  await page.goto(`${server.address}/p/${project}`);
  const position = page.getByRole("slider", { name: "Position in the film" });
  await position.fill(`${30 * FRAME}`);
  await expect(page.getByRole("textbox", { name: "Timecode" })).toHaveValue("00:00:01:00");
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Comment", exact: true }).click();
  await page.keyboard.type("Lovely");
  await page.getByRole("button", { name: "Send" }).click();
  await expect(page.getByRole("listitem").getByText("Lovely")).toBeVisible();
  await clean(page, "review on a phone");
  const { scrollWidth, clientWidth } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return { scrollWidth, clientWidth };
  });
  expect(scrollWidth).toBeLessThanOrEqual(clientWidth);
  expect(ana.problems).toEqual([]);
});
