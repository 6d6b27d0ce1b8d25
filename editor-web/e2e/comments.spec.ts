/** Comments between an owner and a guest who may comment, in two browsers. */
import { expect, test } from "@playwright/test";
import { Cutroom, makeClip } from "./cutroom";
import { clip, putFilm } from "./films";
import { Person } from "./people";

test("editor-W17: a comment is seen by the other at once, answered, resolved, and pinned to what it is about", async () => {
  const server = await Cutroom.start();
  const [ana, gus, vera] = [await Person.arrive(), await Person.arrive(), await Person.arrive()];
  try {
    const project = await server.project("Review");
    const asset = await server.asset(project, makeClip(server.folder, 1, 3), "Scene.mp4");
    await putFilm(server, project, { clips: { one: clip("v1", 0, 90, { asset, name: "One" }) } });
    const link = async (role: string) =>
      (await server.post(`/projects/${project}/share-links`, { role }))["url"];
    await ana.signIn(server);
    await ana.open(server, project);
    await gus.join(await link("commenter"), "Gus");
    await vera.join(await link("viewer"), "Vera");

    // Gus comments at two seconds, mentioning the owner, with a line on the picture.
    const { page } = gus;
    await page.keyboard.type("200");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Alt+c");
    const text = page.getByRole("combobox", { name: "Comment", exact: true });
    await expect(text).toBeFocused();
    await page.keyboard.type("Cut here, @Ow");
    await expect(page.getByRole("option", { name: "Owner" })).toBeVisible();
    await page.keyboard.press("Tab");
    await page.getByRole("button", { name: "Draw on the picture" }).click();
    const layer = page.getByTestId("drawing");
    const { x, y, width, height } = (await layer.boundingBox()) ?? {
      x: 0,
      y: 0,
      width: 0,
      height: 0,
    };
    await gus.drag([x + width / 4, y + height / 4], [width / 4, height / 4]);
    await expect(layer.locator("polyline")).toHaveCount(1);
    await text.press("Control+Enter");
    await expect(page.getByText("Cut here, @Owner")).toBeVisible();

    // Ana sees it in her panel, with its moment; a press goes there and shows the line.
    await ana.page.getByRole("tab", { name: "Comments" }).click();
    const thread = ana.page.getByRole("listitem", { name: "Thread of Gus at 00:00:02:00" });
    await expect(thread).toBeVisible({ timeout: 10_000 });
    await thread.getByRole("button", { name: "Go to 00:00:02:00" }).click();
    await expect(ana.page.getByRole("textbox", { name: "Timecode" })).toHaveValue("00:00:02:00");
    await expect(ana.page.getByTestId("drawing").locator("polyline")).toHaveCount(1);
    await thread.getByRole("button", { name: "Reply" }).click();
    await ana.page.keyboard.type("Done");
    await ana.page.keyboard.press("Control+Enter");
    await expect(page.getByRole("listitem").getByText("Done")).toBeVisible({ timeout: 10_000 });

    // Gus may not change Ana's words; Ana resolves, and it leaves both panels.
    await expect(page.getByRole("button", { name: "More for the comment of Owner" })).toHaveCount(
      0,
    );
    await thread.getByRole("button", { name: "Resolve" }).click();
    await expect(page.getByText("Resolved by Owner")).toBeVisible({ timeout: 10_000 });

    // Vera reads, and has nothing to write with.
    await vera.page.getByRole("tab", { name: "Comments" }).click();
    await vera.page.getByRole("combobox", { name: "Which comments" }).selectOption("all");
    await expect(vera.page.getByText("Cut here, @Owner")).toBeVisible();
    await expect(vera.page.getByRole("button", { name: "Comment", exact: true })).toHaveCount(0);
    await vera.page.keyboard.press("Alt+c");
    await expect(vera.page.getByRole("combobox", { name: "Comment", exact: true })).toHaveCount(0);
    expect([...ana.problems, ...gus.problems, ...vera.problems]).toEqual([]);
  } finally {
    await Promise.all([ana.leave(), gus.leave(), vera.leave()]);
    await server.stop();
  }
});
