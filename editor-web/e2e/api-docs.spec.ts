/** The page of the API in a real browser, under the server's own policy and without another host. */
import { expect, test } from "@playwright/test";
import { Cutroom } from "./cutroom";
import { Person } from "./people";

let server: Cutroom;
let ana: Person;

test.beforeAll(async () => {
  server = await Cutroom.start();
  ana = await Person.arrive();
});

test.afterAll(async () => {
  await ana?.leave();
  await server?.stop();
});

test("door-D4: the API can be browsed, and nothing is asked of another host", async () => {
  const foreign: string[] = [];
  const refused: string[] = [];
  ana.page.on("request", (request) => {
    const address = new URL(request.url());
    if (address.protocol !== "data:" && address.origin !== server.address)
      foreign.push(address.href);
  });
  ana.page.on("console", (message) => {
    if (message.type() === "error") refused.push(message.text());
  });
  await ana.page.goto(`${server.address}/api/docs`);
  await expect(ana.page.getByRole("heading", { name: "Cutroom" })).toBeVisible();
  await expect(ana.page.getByText("/api/v1/projects/{project_id}/exports").first()).toBeVisible();
  expect(foreign).toEqual([]);
  expect(refused).toEqual([]);
});
