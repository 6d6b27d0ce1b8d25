/** Scopes and the quality of the preview: what is measured is what stands on the screen. */
import { expect, test } from "@playwright/test";
import { Cutroom } from "./cutroom";
import { clip, previewShown, putFilm } from "./films";
import { Person } from "./people";

test("editor-V14: scopes tell of the picture at the playhead; editor-V13: its quality is chosen", async () => {
  const server = await Cutroom.start();
  const ana = await Person.arrive();
  const { page } = ana;
  try {
    const project = await server.project("Measured");
    const solid = { kind: "generator", generator: "solid" };
    await putFilm(server, project, {
      clips: {
        grey: clip("v1", 0, 30, { ...solid, "p:color": "#808080" }),
        white: clip("v1", 30, 60, { ...solid, "p:color": "#ffffff" }),
      },
    });
    await ana.signIn(server);
    await ana.open(server, project);
    await previewShown(page);

    const scopes = page.getByRole("region", { name: "Scopes" });
    await expect(async () => {
      await page.keyboard.press("Alt+g"); // the tools of the preview come a little after it
      await expect(scopes).toBeVisible({ timeout: 2_000 });
    }).toPass();
    await expect(scopes).toContainText("Luma 50–50 %");
    await page.keyboard.press("End");
    await expect(scopes).toContainText("Luma 100–100 %");
    await expect(scopes.getByRole("img")).toHaveCount(3);
    await scopes.getByRole("button", { name: "Close the scopes" }).click();
    await expect(scopes).toBeHidden();

    const picture = page.getByRole("img", { name: "Picture at the playhead" });
    const width = () => picture.evaluate((canvas: HTMLCanvasElement) => canvas.width);
    const whole = await width();
    await page.getByRole("button", { name: "Quality: auto" }).click();
    await page.getByRole("button", { name: "Quality: full" }).click();
    await expect.poll(width).toBe(Math.round(whole / 2));
    await page.getByRole("button", { name: "Quality: half" }).click();
    await expect.poll(width).toBe(whole);
    expect(ana.problems).toEqual([]);
  } finally {
    await ana.leave();
    await server.stop();
  }
});
