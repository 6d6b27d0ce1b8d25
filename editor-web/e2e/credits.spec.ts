/** Credits in the sandbox: bought with a keyboard, given back, spent on films and returned. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import type { Row } from "./api";
import { Cutroom } from "./cutroom";
import { clip, putFilm } from "./films";
import { Person } from "./people";
import { clean } from "./wcag";

test("payments-P1: a pack is bought in the sandbox, declined first, and given back", async () => {
  test.setTimeout(180_000);
  const server = await Cutroom.start();
  const ana = await Person.arrive();
  const { page } = ana;
  try {
    const project = await server.project("Launch film");
    await ana.signIn(server);
    await ana.open(server, project);
    const link = page.getByRole("link", { name: "2,000 credits" });
    await expect(link).toBeVisible();
    await page.goto(`${server.address}${await link.getAttribute("href")}`);
    await expect(page.getByText("Test money")).toBeVisible();
    await expect(page.getByText("Nothing bought yet")).toBeVisible();
    expect(await page.evaluate(() => document.querySelector("script[src*=checkout]"))).toBeNull();
    await clean(page);

    await page.getByRole("button", { name: /Buy 500 credits/ }).focus();
    await page.keyboard.press("Enter");
    const checkout = page.frameLocator("iframe[title^='Sandbox checkout']");
    await expect(checkout.getByText("SANDBOX - no real money")).toBeVisible();
    await expect(checkout.getByText("499.00")).toBeVisible();
    await clean(page);
    await page.screenshot({ path: test.info().outputPath("checkout.png") });
    await checkout.getByRole("button", { name: "Fail" }).click();
    await expect(page.getByRole("status").getByText(/was declined/)).toBeVisible();
    await checkout.getByRole("button", { name: "Pay", exact: true }).focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("status").getByText("500 credits added")).toBeVisible();
    await expect(page.getByText(/Receipt cro_.* payment pay_/)).toBeVisible();
    await clean(page);
    await page.screenshot({ path: test.info().outputPath("credits.png"), fullPage: true });
    await expect(page.getByRole("cell", { name: /^500 credits bought/ })).toBeVisible();
    await expect(page.getByRole("row", { name: /bought/ })).toContainText("2,500");

    await page.getByRole("button", { name: "Give back 500 credits" }).click();
    await expect(page.getByText("The money is on its way back.")).toBeVisible();
    await expect(async () => {
      await page.reload();
      await expect(page.getByText("Given back", { exact: true })).toBeVisible();
    }).toPass();
    await expect(page.getByRole("cell", { name: /taken back/ })).toBeVisible();

    await page.getByRole("button", { name: /Buy 2,500 credits/ }).click();
    await checkout.getByRole("button", { name: "Close" }).click();
    await expect(page.getByText("Nothing was paid.")).toBeVisible();
  } finally {
    await ana.leave();
    await server.stop();
  }
});

const TITLE_FRAMES = 1_000;

/** A film of titles, none like another, so that each is made; 20 millicredits a frame. */
const titled = async (server: Cutroom, name: string, frames: number): Promise<string> => {
  const project = await server.project(name);
  const clips: Record<string, ReturnType<typeof clip>> = {};
  for (let from = 0; from < frames; from += TITLE_FRAMES) {
    const to = Math.min(frames, from + TITLE_FRAMES);
    clips[`t${from}`] = clip("v1", from, to, { kind: "title", text: `${name} ${from}` });
  }
  await putFilm(server, project, { clips });
  return project;
};

/** On a busy machine a stretch of the film is made to its end before the cancelling is seen. */
const soon = expect.configure({ timeout: 60_000 });

const row = (page: Page, words: RegExp) => page.getByRole("row", { name: words });

test("payments-P4: a film is paid for; one that costs more waits for a pack, goes on, is cancelled", async () => {
  test.setTimeout(240_000);
  const server = await Cutroom.start();
  const ana = await Person.arrive();
  const { page } = ana;
  try {
    const short = await titled(server, "Short", 60);
    const long = await titled(server, "Long", 110_000);
    await ana.signIn(server);
    const dialog = page.getByRole("dialog");

    await ana.open(server, short);
    await soon(page.getByRole("button", { name: "Export · about 2", exact: true })).toBeVisible();
    await page.getByRole("button", { name: /^Export/ }).click();
    await soon(dialog.getByText("2 credits at most, 1,998 credits left after it")).toBeVisible();
    await clean(page);
    await page.screenshot({ path: test.info().outputPath("price.png") });
    await dialog.getByRole("button", { name: "Export", exact: true }).click();
    await soon(page.getByRole("link", { name: /Download/ })).toBeVisible({ timeout: 120_000 });
    const pill = page.getByRole("banner").getByRole("link", { name: "1,998 credits" });
    await soon(pill).toBeVisible();
    await page.screenshot({ path: test.info().outputPath("pill.png") });

    await ana.open(server, long);
    await page.getByRole("button", { name: /^Export/ }).click();
    await soon(dialog.getByText("needs 2,200 credits; there are 1,998 credits")).toBeVisible();
    const [till] = await Promise.all([
      ana.context.waitForEvent("page"),
      dialog.getByRole("link", { name: /Buy 500 credits/ }).click(),
    ]);
    await soon(dialog.getByText("starts by itself")).toBeVisible();
    await clean(page);
    await page.screenshot({ path: test.info().outputPath("too-few.png") });

    await till.getByRole("button", { name: /Buy 500 credits/ }).click();
    const checkout = till.frameLocator("iframe[title^='Sandbox checkout']");
    await checkout.getByRole("button", { name: "Pay", exact: true }).click();

    // The film that was asked for starts, once, in the tab that asked; the other hears of it.
    await soon(dialog).toBeHidden();
    await page.getByRole("button", { name: "Cancel export" }).click();
    await soon(row(till, /2,200 credits set aside for an export/)).toBeVisible();
    await soon(row(till, /2,200 credits returned, not spent/)).toContainText("2,498");
    await soon(row(till, /2 credits spent on an export/)).toContainText("1,998");
    await soon(row(till, /set aside for an export/)).toHaveCount(2);
    await soon(till.locator(`a[href="/p/${short}"]`).first()).toBeVisible();
    await clean(till);
    await till.screenshot({ path: test.info().outputPath("journal.png"), fullPage: true });
    await soon(page.getByRole("banner").getByText("2,498 credits")).toBeVisible();
    expect(ana.problems).toEqual([]);
  } finally {
    await ana.leave();
    await server.stop();
  }
});

test("payments-P4: a price that went up is told, with the new one, before anything is set aside", async () => {
  test.setTimeout(180_000);
  const server = await Cutroom.start();
  const ana = await Person.arrive();
  const { page } = ana;
  try {
    const project = await titled(server, "Growing", 60);
    await ana.signIn(server);
    await ana.open(server, project);
    await page.getByRole("button", { name: /^Export/ }).click();
    const dialog = page.getByRole("dialog");
    await soon(dialog.getByText("2 credits at most, 1,998 credits left after it")).toBeVisible();

    // Somebody else makes the film longer while the price of the shorter one stands there.
    const longer = { kind: "title", text: "Growing on" };
    await putFilm(server, project, { clips: { t0: clip("v1", 0, 1_000, longer) } });
    await dialog.getByRole("button", { name: "Export", exact: true }).click();
    await soon(dialog.getByRole("alert").getByText(/The price has changed/)).toBeVisible();
    await soon(dialog.getByText("20 credits at most, 1,980 credits left after it")).toBeVisible();
    await clean(page);
    await page.screenshot({ path: test.info().outputPath("dearer.png") });
    const wallet = await server.get(`/workspaces/${await server.workspace()}/wallet`);
    expect([wallet["available"], wallet["held"], wallet["seq"]]).toEqual([2_000, 0, 1]);

    await dialog.getByRole("button", { name: "Export", exact: true }).click();
    await soon(dialog).toBeHidden();
    await soon(page.getByRole("banner").getByText("1,980 credits")).toBeVisible();
  } finally {
    await ana.leave();
    await server.stop();
  }
});

const PACKS = 20; // with the welcome one entry more than a page of the journal

/** What the bank or its customer does: an order to the control plane of the sandbox. */
const bank = async (server: Cutroom, verb: string, body: Row): Promise<Row> => {
  const file = join(server.folder, "data", "razorpay-sandbox.json");
  const { address, token } = JSON.parse(readFileSync(file, "utf8"));
  const headers = {
    Authorization: `Bearer ${token}`,
    "Content-Type": "application/json",
    // While a command runs nobody here hears that the other side ends a connection that rests.
    Connection: "close",
  };
  const answer = await fetch(`${address}/_control/${verb}`, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
  expect(answer.ok, `${verb}: ${answer.status}`).toBe(true);
  return answer.json();
};

/** Buys a pack as a program would; answers the payment. */
const bought = async (server: Cutroom, workspace: string): Promise<string> => {
  const order = await server.post(
    `/workspaces/${workspace}/credit-orders`,
    { pack: "starter" },
    { "Idempotency-Key": randomUUID() },
  );
  const remote = order["checkout"].options.order_id;
  const fields = await bank(server, "pay", { order_id: remote, outcome: "captured" });
  await server.post(`/credit-orders/${order["id"]}/confirm`, fields);
  return fields["razorpay_payment_id"];
};

test("payments-P2: the journal goes back page by page; a dispute and a debt are told everywhere", async () => {
  test.setTimeout(240_000);
  const server = await Cutroom.start();
  const ana = await Person.arrive();
  const { page } = ana;
  try {
    const project = await titled(server, "Launch film", 60);
    const workspace = await server.workspace();
    let payment = "";
    for (let each = 0; each < PACKS; each += 1) payment = await bought(server, workspace);
    await ana.signIn(server);
    await page.goto(`${server.address}/w/${workspace}/credits`);
    const rows = page.getByRole("table").getByRole("row"); // the first one heads the columns
    await soon(rows).toHaveCount(PACKS + 1);
    await expect(row(page, /given as a welcome/)).toHaveCount(0);
    await page.getByRole("button", { name: "Show earlier ones" }).click();
    await soon(row(page, /given as a welcome/)).toBeVisible();
    await expect(rows).toHaveCount(PACKS + 2);
    await expect(page.getByRole("button", { name: "Show earlier ones" })).toBeHidden();

    const spare = 2_000 + PACKS * 500 - 100;
    server.command("ledger", "adjust", workspace, `-${spare}`, "--reason", "a test");
    const dispute = await bank(server, "disputes", { payment_id: payment });
    await soon(page.getByText(/A payment is in dispute/)).toBeVisible();
    await clean(page);
    await ana.open(server, project);
    const banner = page.getByRole("banner");
    await soon(banner.getByRole("link", { name: "Credits frozen" })).toBeVisible();
    await page.getByRole("button", { name: /^Export/ }).click();
    const dialog = page.getByRole("dialog");
    await soon(dialog.getByRole("alert").getByText(/A payment is in dispute/)).toBeVisible();
    await expect(dialog.getByRole("button", { name: "Export", exact: true })).toBeHidden();
    await clean(page);
    await page.screenshot({ path: test.info().outputPath("frozen.png") });

    await bank(server, `disputes/${dispute["id"]}`, { outcome: "lost" });
    await soon(dialog.getByRole("alert").getByText(/Credits are owed/)).toBeVisible();
    await soon(banner.getByText("400 credits owed")).toBeVisible();
    await page.goto(`${server.address}/w/${workspace}/credits`);
    await soon(page.getByText("Owed", { exact: true })).toBeVisible();
    await soon(row(page, /500 credits taken back.*400 credits owed/)).toBeVisible();
    await clean(page);
    await page.screenshot({ path: test.info().outputPath("owed.png") });

    await bought(server, workspace);
    await soon(row(page, /500 credits bought.*400 credits paid what was owed/)).toBeVisible();
    await soon(page.getByText("Owed", { exact: true })).toBeHidden();
    expect(ana.problems).toEqual([]);
  } finally {
    await ana.leave();
    await server.stop();
  }
});
