/** What hands and keys do beyond the first cut: one film, one browser, each gesture told by the server. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { type Row, until } from "./api";
import { Cutroom, makeClip } from "./cutroom";
import { clip, FRAME, putFilm } from "./films";
import { Person } from "./people";

let server: Cutroom;
let ana: Person;
let project: string;
let asset: string;

test.beforeAll(async () => {
  test.setTimeout(120_000);
  server = await Cutroom.start();
  ana = await Person.arrive();
  project = await server.project("Editing");
  asset = await server.asset(project, makeClip(server.folder, 1, 6), "Scene.mp4");
  await ana.signIn(server);
});

test.afterAll(async () => {
  await ana?.leave();
  await server?.stop();
});

/** Three clips of 60 frames that touch, each from the middle of the same six seconds. */
async function threeClips(): Promise<void> {
  const part = { asset, source_in: 60 * FRAME };
  await putFilm(server, project, {
    clips: {
      one: clip("v1", 0, 60, { ...part, name: "One" }),
      two: clip("v1", 60, 120, { ...part, name: "Two" }),
      three: clip("v1", 120, 180, { ...part, name: "Three" }),
    },
  });
  await ana.open(server, project);
  await ana.clip("two");
}

/** Live clips by id. */
const clips = async (): Promise<Row> =>
  Object.fromEntries(
    Object.entries<Row>((await server.timeline(project))["clips"]).filter(
      ([, record]) => record["removed"] !== true,
    ),
  );
const frames = (record: Row, key: string): number => Math.round((record[key] ?? 0) / FRAME);

async function choose(id: string): Promise<void> {
  const { x, y, width, height } = await ana.clip(id);
  await ana.page.mouse.click(x + width / 2, y + height - 8);
}

test("editor-W13: trims show the pictures beside the cut, and slip and slide go by keys as well", async () => {
  const { page } = ana;
  await threeClips();
  const view = page.getByTestId("trim-view");

  // A drag with the slip tool: four pictures while the hand is down, none afterwards.
  await page.keyboard.press("y");
  const { x, y, width, height } = await ana.clip("two");
  const [from, at] = [x + width / 2, y + height - 8];
  await page.mouse.move(from, at);
  await page.mouse.down();
  await page.mouse.move(from + 20, at, { steps: 4 });
  await page.mouse.move(from + 40, at, { steps: 4 });
  await expect(view.locator("figure")).toHaveCount(4);
  await expect(view.locator("figcaption")).toHaveText(["Before", "In", "Out", "After"]);
  await page.mouse.up();
  await expect(view).toHaveCount(0);
  await until("the slip", async () => frames((await clips())["two"], "source_in") < 60, 15);
  const slipped = frames((await clips())["two"], "source_in");

  // The same by keys: a frame further on in the source.
  await page.keyboard.press(",");
  await until(
    "the slip by key",
    async () => frames((await clips())["two"], "source_in") === slipped + 1,
    15,
  );
  await page.keyboard.press("u");
  await page.keyboard.press("Shift+Period");
  await until("the slide by key", async () => frames((await clips())["two"], "start") === 70, 15);
  expect(frames((await clips())["one"], "duration")).toBe(70);
  expect(frames((await clips())["three"], "start")).toBe(130);
  await page.keyboard.press("v");

  // A roll shows two pictures.
  const cut = await ana.clip("two");
  await page.mouse.move(cut.x, cut.y + cut.height - 8);
  await page.mouse.down();
  await page.mouse.move(cut.x + 12, cut.y + cut.height - 8, { steps: 4 });
  await page.mouse.move(cut.x + 24, cut.y + cut.height - 8, { steps: 4 });
  await expect(view.locator("figcaption")).toHaveText(["Out", "In"]);
  await page.keyboard.press("Escape");
  await page.mouse.up();
  await expect(view).toHaveCount(0);
  expect(frames((await clips())["two"], "start")).toBe(70);
  expect(ana.problems).toEqual([]);
});

test("editor-W14: a part of the source goes onto the timeline from the source monitor, by keys alone", async () => {
  const { page } = ana;
  await putFilm(server, project, { clips: {} });
  await ana.open(server, project);
  await page.getByRole("button", { name: /^Scene\.mp4/ }).focus();
  await page.keyboard.press("o");
  const monitor = page.getByRole("region", { name: "Source: Scene.mp4" });
  await expect(monitor).toBeFocused();
  for (let second = 0; second < 2; second += 1) await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("i");
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("o");
  await expect(monitor.getByText("takes 00:00:01:00")).toBeVisible();
  await monitor.getByRole("button", { name: "Append" }).press("Enter");
  await until("the part", async () => Object.keys(await clips()).length > 0, 15);
  for (const record of Object.values(await clips())) {
    expect(frames(record, "source_in")).toBe(60);
    expect(frames(record, "duration")).toBe(30);
  }
  // The timeline's own playhead has not moved, and Esc gives the keys back.
  await expect(page.getByRole("textbox", { name: "Timecode" })).toHaveValue("00:00:00:00");
  await monitor.focus();
  await page.keyboard.press("Escape");
  await expect(monitor).toHaveCount(0);
});

test("editor-W15: keys are found, changed with their conflict told, kept with the account, and go in and out as a file", async () => {
  const { page } = ana;
  await threeClips();
  await page.keyboard.press("Control+Slash");
  const sheet = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await sheet.getByRole("searchbox").fill("Split at");
  await sheet.getByRole("button", { name: "Change the keys of Split at the playhead" }).click();
  await page.keyboard.press("q");
  await expect(sheet.getByRole("alert")).toContainText("Ripple-trim start to the playhead");
  await sheet.getByRole("button", { name: "Use it here instead" }).click();
  await expect(sheet.getByRole("alert")).toHaveCount(0);

  const download = page.waitForEvent("download");
  await sheet.getByRole("button", { name: "Save as file" }).click();
  const file = join(server.folder, "keys.json");
  await (await download).saveAs(file);
  expect(JSON.parse(readFileSync(file, "utf8")).remaps["edit.split"]).toEqual(["Q"]);

  await page.keyboard.press("Escape");
  await page.keyboard.type("100");
  await page.keyboard.press("Enter");
  await page.keyboard.press("s");
  await page.keyboard.press("q");
  await until("the split by Q", async () => Object.keys(await clips()).length === 4, 15);

  // Kept with the account: another browser of the same person has them too.
  const kept = async (): Promise<unknown> =>
    page.evaluate(async () => (await fetch("/api/v1/me/preferences")).json());
  await expect.poll(async () => JSON.stringify(await kept())).toContain('"edit.split":["Q"]');
  await page.evaluate(() => localStorage.removeItem("cutroom:preferences"));
  await page.reload();
  await ana.opened();
  await page.keyboard.press("Control+Slash");
  await sheet.getByRole("searchbox").fill("Split at");
  const row = sheet.getByRole("listitem").filter({ hasText: "Split at the playhead" });
  await expect(row.locator("kbd")).toHaveText(["Q"]);

  // A preset, and a file of another kind.
  await sheet.getByRole("combobox", { name: "Keys of" }).selectOption("premiere");
  await sheet.getByRole("searchbox").fill("Snapping");
  await expect(sheet.locator("kbd")).toHaveText(["S"]);
  writeFileSync(file, JSON.stringify({ preset: "cutroom", remaps: {} }));
  await sheet.getByLabel("Open file").setInputFiles(file);
  await expect(sheet.locator("kbd")).toHaveText(["N"]);
  writeFileSync(file, "no keys at all");
  await sheet.getByLabel("Open file").setInputFiles(file);
  await expect(page.getByText("This file holds no shortcuts")).toBeVisible();
  await expect(sheet.locator("kbd")).toHaveText(["N"]);
  await page.keyboard.press("Escape");
});

test("editor-W16: ranges, groups, retimes, nested sequences and captions work from keys and palette, and are undone", async () => {
  test.setTimeout(180_000);
  const { page } = ana;
  const { keyboard } = page;
  await threeClips();
  const run = async (command: string): Promise<void> => {
    await keyboard.press("Control+Shift+k");
    await page.getByRole("dialog").getByRole("combobox").fill(command);
    await keyboard.press("Enter");
    await expect(page.getByRole("dialog")).toHaveCount(0);
  };
  const shape = async (): Promise<string> =>
    Object.values(await clips())
      .map((one) => `${frames(one, "start")}+${frames(one, "duration")}`)
      .sort()
      .join(" ");
  const whole = "0+60 120+60 60+60";
  await expect.poll(shape).toBe(whole);

  // Extract from in to out, on all tracks.
  await keyboard.type("115");
  await keyboard.press("Enter");
  await keyboard.press("i");
  await keyboard.type("214");
  await keyboard.press("Enter");
  await keyboard.press("o");
  await keyboard.press("'");
  await expect.poll(shape).toBe("0+45 45+45 90+60");
  await keyboard.press("Control+z");
  await expect.poll(shape).toBe(whole);
  await keyboard.press("Alt+x");

  // A group goes together.
  await choose("one");
  const { x, y, width, height } = await ana.clip("three");
  await page.mouse.move(x + width / 2, y + height - 8);
  await keyboard.down("Control");
  await page.mouse.down();
  await page.mouse.up();
  await keyboard.up("Control");
  await keyboard.press("Control+g");
  await until("the group", async () => (await clips())["one"]["group"] !== undefined, 15);
  await keyboard.press("Escape");
  await choose("three");
  await expect(page.getByText("2 clips")).toBeVisible();
  await run("Ungroup");
  await until("no group", async () => !(await clips())["one"]["group"], 15);

  // Backwards, and forwards again.
  await keyboard.press("Escape");
  await choose("two");
  await keyboard.press("Control+Alt+r");
  await until("backwards", async () => (await clips())["two"]["speed_num"] === -1, 15);
  await keyboard.press("Control+z");
  await until("forwards", async () => ((await clips())["two"]["speed_num"] ?? 1) === 1, 15);

  // Nested: one clip in their place, opened by a double click, and back again.
  await choose("two");
  await keyboard.press("Alt+n");
  await until(
    "the nest",
    async () => Object.values(await clips()).some((one) => one["kind"] === "sequence"),
    15,
  );
  const [nest] = Object.entries(await clips()).find(([, one]) => one["kind"] === "sequence") ?? [];
  const box = await ana.clip(nest ?? "");
  await page.mouse.dblclick(box.x + box.width / 2, box.y + box.height - 8);
  await expect(page.getByRole("button", { name: "Sequence: Nested sequence" })).toBeVisible();
  await page.getByRole("button", { name: "Sequence: Nested sequence" }).click();
  await page.getByRole("menuitemcheckbox", { name: "Main" }).click();
  await expect(page.getByRole("button", { name: "Sequence: Main" })).toBeVisible();
  await keyboard.press("Control+z");
  await expect.poll(shape).toBe(whole);

  // Captions out of a file, and into one.
  const srt = join(server.folder, "lines.srt");
  writeFileSync(
    srt,
    "1\n00:00:00,500 --> 00:00:01,500\nHello\n\n2\n00:00:02,000 --> 00:00:03,000\nשלום\n",
  );
  await page.getByRole("tab", { name: "Captions" }).click();
  await page.getByLabel("Open SRT or VTT", { exact: true }).last().setInputFiles(srt);
  await expect(page.getByText("2 lines taken over")).toBeVisible();
  const texts = async (): Promise<string[]> =>
    Object.values<Row>((await server.timeline(project))["cues"])
      .sort((one, other) => one["t"] - other["t"]) // a map has no order of its own
      .map((cue) => cue["text"]);
  await expect.poll(texts).toEqual(["Hello", "שלום"]);
  await page.getByRole("button", { name: "Times of the words at 00:00:00:15" }).click();
  await page.getByRole("button", { name: "Spread the words evenly" }).click();
  await until(
    "word times",
    async () =>
      Object.values<Row>((await server.timeline(project))["cues"]).some((cue) => cue["words"]),
    15,
  );
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as" }).click();
  await page.getByRole("menuitem", { name: "Save as VTT" }).click();
  await (await saving).saveAs(join(server.folder, "lines.vtt"));
  expect(readFileSync(join(server.folder, "lines.vtt"), "utf8")).toContain(
    "00:00:02.000 --> 00:00:03.000\nשלום",
  );
  expect(ana.problems).toEqual([]);
});

test("editor-W18: what is on the picture is moved, scaled and typed where it stands; keyframes go by keys", async () => {
  const { page } = ana;
  const { keyboard } = page;
  await putFilm(server, project, {
    clips: {
      one: clip("v1", 0, 90, { asset, name: "One" }),
      words: clip("v2", 0, 90, { kind: "title", text: "Words", font_size: 0.2 }),
    },
  });
  await ana.open(server, project);
  await choose("one");
  const handles = page.getByTestId("handles");
  const knob = handles.locator("[data-handle=scale-3]");
  await expect(knob).toBeVisible();
  const read = async (id: string, key: string): Promise<number> => (await clips())[id][key] ?? 0;

  // The corner goes half-way to the middle: half as large, and one step of undo.
  const corner = (await knob.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const room = (await handles.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const at: [number, number] = [corner.x + corner.width / 2, corner.y + corner.height / 2];
  await ana.drag(at, [-room.width / 4, -room.height / 4]);
  await until("the scale", async () => Math.abs((await read("one", "scale_x")) - 0.5) < 0.02, 15);
  expect(Math.abs((await read("one", "scale_y")) - 0.5)).toBeLessThan(0.02);
  await keyboard.press("Control+z");
  await until("undone", async () => (await read("one", "scale_x")) === 0, 15);

  // A title is found under the pointer, moved, and typed into where it stands.
  const middle: [number, number] = [room.x + room.width / 2, room.y + room.height / 2];
  await page.mouse.click(...middle);
  await ana.drag(middle, [0, room.height / 4]);
  await until("the move", async () => Math.abs((await read("words", "y")) - 0.25) < 0.02, 15);
  await page.mouse.dblclick(middle[0], middle[1] + room.height / 4);
  await expect(page.getByRole("textbox", { name: "Words of the title" })).toBeFocused();
  await keyboard.type("Other words");
  await keyboard.press("Control+Enter");
  await until("the words", async () => (await clips())["words"]["text"] === "Other words", 15);

  // By keys: a keyframe of opacity, another a second later, and how it goes between them.
  await page.getByRole("gridcell", { name: /^One/ }).first().focus();
  await keyboard.press("Enter");
  const inspector = page.getByRole("region", { name: "Inspector" });
  await inspector
    .getByRole("button", { name: "Keyframe of Opacity at the playhead" })
    .press("Enter");
  await expect(inspector.getByRole("button", { name: "1 keyframe" })).toBeVisible();
  await inspector.getByRole("button", { name: "1 keyframe" }).press("Enter");
  await page.getByRole("region", { name: "Timeline" }).focus();
  await keyboard.press("Shift+ArrowRight");
  const field = inspector.getByRole("textbox", { name: "Opacity" });
  await field.focus();
  await expect(field).toHaveValue("100");
  await field.fill("0");
  await field.press("Enter");
  await expect(inspector.getByRole("button", { name: "2 keyframes" })).toBeVisible();
  await inspector
    .getByRole("combobox", { name: /^Easing after/ })
    .first()
    .selectOption("ease-out");
  const keys = async (): Promise<unknown[]> =>
    Object.entries((await clips())["one"])
      .filter(([name, value]) => name.startsWith("kf:opacity:") && value !== null)
      .map(([, value]) => (value as unknown[]).slice(0, 3))
      .sort((one, other) => Number(one[0]) - Number(other[0]));
  await expect.poll(keys).toEqual([
    [0, 1, "bezier"],
    [30 * FRAME, 0],
  ]);
  await inspector.getByRole("button", { name: "Previous keyframe of Opacity" }).press("Enter");
  await expect(page.getByRole("textbox", { name: "Timecode" })).toHaveValue("00:00:00:00");
  await inspector.getByRole("button", { name: "Remove the keyframe of Opacity" }).press("Enter");
  await expect.poll(async () => (await keys()).length).toBe(1);

  // An effect moves likewise, in the time of its clip.
  await inspector.getByRole("button", { name: "Add effect" }).press("Enter");
  await page.getByRole("menuitem", { name: "Blur" }).press("Enter");
  await inspector
    .getByRole("button", { name: "Keyframe of Softness at the playhead" })
    .press("Enter");
  await page.getByRole("region", { name: "Timeline" }).focus();
  await keyboard.press("Shift+ArrowRight");
  const softness = inspector.getByRole("textbox", { name: "Softness" });
  await softness.focus();
  await expect(softness).toHaveValue("1");
  await softness.fill("5");
  await softness.press("Enter");
  const blurred = async (): Promise<unknown[]> =>
    Object.values((await server.timeline(project))["effects"] ?? {})
      .flatMap((effect) => Object.entries(effect as object))
      .filter(([name, value]) => name.startsWith("kf:sigma_h:") && value !== null)
      .map(([, value]) => (value as unknown[]).slice(0, 2))
      .sort((one, other) => Number(one[0]) - Number(other[0]));
  await expect.poll(blurred).toEqual([
    [0, 0.01],
    [30 * FRAME, 0.05],
  ]);
  expect(ana.problems).toEqual([]);
});

test("editor-I6: a mask gets its shape, corners and edge, a key its tolerance", async () => {
  const { page } = ana;
  await putFilm(server, project, { clips: { one: clip("v1", 0, 90, { asset, name: "One" }) } });
  await ana.open(server, project);
  await page.getByRole("gridcell", { name: /^One/ }).first().focus();
  await page.keyboard.press("Enter");
  const effects = page.getByRole("region", { name: "Effects" });
  const add = async (kind: string): Promise<void> => {
    await effects.getByRole("button", { name: "Add effect" }).press("Enter");
    await page.getByRole("menuitem", { name: kind, exact: true }).press("Enter");
  };
  const put = async (name: string, value: string): Promise<void> => {
    const field = effects.getByRole("textbox", { name, exact: true });
    await field.focus();
    await expect(field).toHaveValue(/^[0-9.]+$/);
    await field.fill(value);
    await field.press("Enter");
  };
  await add("Mask");
  await effects.getByRole("combobox", { name: "Shape" }).selectOption("ellipse");
  await put("Right", "90");
  await put("Feather", "5");
  await add("Colour key");
  await put("Tolerance", "30");
  const found = async (kind: string): Promise<unknown> =>
    Object.values((await server.timeline(project))["effects"] ?? {}).find(
      (effect) => (effect as { kind: string }).kind === kind,
    );
  await expect
    .poll(() => found("mask"))
    .toMatchObject({
      "p:shape": "ellipse",
      "p:points": [
        [0.25, 0.25],
        [0.9, 0.75],
      ],
      "p:feather_h": 0.05,
    });
  await expect.poll(() => found("chroma_key")).toMatchObject({ "p:tolerance": 0.3 });
  expect(ana.problems).toEqual([]);
});

test("editor-I5: the speed changes along a clip and its sound, hard and gliding, and is even again", async () => {
  const { page } = ana;
  await putFilm(server, project, {
    clips: {
      one: clip("v1", 0, 90, { asset, name: "One", link: "pair" }),
      sound: clip("a1", 0, 90, { asset, name: "One", link: "pair" }),
    },
  });
  await ana.open(server, project);
  await page.getByRole("gridcell", { name: /^One/ }).first().focus();
  await page.keyboard.press("Enter");
  await page.getByRole("region", { name: "Timeline" }).focus();
  await page.keyboard.press("Shift+ArrowRight");
  const inspector = page.getByRole("region", { name: "Inspector" });
  await inspector.getByRole("button", { name: "Change the speed along the clip" }).press("Enter");
  const first = inspector.getByRole("textbox", { name: "From 00:00:00:00" });
  await first.focus();
  await expect(first).toHaveValue("100");
  await first.fill("200");
  await first.press("Enter");
  const curve = async (id: string): Promise<unknown[]> =>
    Object.entries((await clips())[id])
      .filter(([name, value]) => name.startsWith("kf:time:") && value !== null)
      .map(([, value]) => (value as unknown[]).slice(0, 3))
      .sort((one, other) => Number(one[0]) - Number(other[0]));
  const corners = (kind: string): unknown[] => [
    [0, 0, kind],
    [30 * FRAME, 60 * FRAME, kind],
    [90 * FRAME, 120 * FRAME, "linear"],
  ];
  await expect.poll(() => curve("one")).toEqual(corners("linear"));
  await expect.poll(() => curve("sound")).toEqual(corners("linear"));
  await inspector.getByRole("checkbox", { name: "Glide between speeds" }).press("Space");
  await expect.poll(() => curve("sound")).toEqual(corners("bezier"));
  await page.screenshot({ path: test.info().outputPath("ramp.png") });
  await inspector.getByRole("button", { name: "One speed again" }).press("Enter");
  await expect.poll(() => curve("one")).toEqual([]);
  await page.keyboard.press("Control+z");
  await expect.poll(() => curve("sound")).toEqual(corners("bezier"));
  expect(ana.problems).toEqual([]);
});
