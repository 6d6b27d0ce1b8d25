/** What belongs to a person: their sign-ins, password, data and account; and to an owner: people and tokens. */
import { readFileSync } from "node:fs";
import { expect, type Page, test } from "@playwright/test";
import { Cutroom } from "./cutroom";
import { Person } from "./people";
import { clean } from "./wcag";

const FIRST = "first-otter-17";
const SECOND = "second-otter-18";
const SCREEN = { width: 1280, height: 720 };

const shot = (page: Page, name: string) =>
  page.screenshot({ path: test.info().outputPath(`${name}.png`), fullPage: true });

const bothThemes = async (page: Page, name: string): Promise<void> => {
  for (const theme of ["dark", "light"]) {
    await page.evaluate((to) => {
      document.documentElement.dataset["theme"] = to;
    }, theme);
    await clean(page, `${name}, ${theme}`);
    await shot(page, `${name}-${theme}`);
  }
};

const emailOf = (name: string): string => `${name.toLowerCase()}@example.com`;

const signUp = (server: Cutroom, name: string) =>
  server.post("/accounts", { email: emailOf(name), password: FIRST, name });

const enter = async (person: Person, server: Cutroom, name: string): Promise<void> => {
  const { page } = person;
  await page.goto(`${server.address}/signin?next=/account`);
  await page.getByRole("textbox", { name: "Email" }).fill(emailOf(name));
  await page.getByLabel("Password").fill(FIRST);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Your account" })).toBeVisible();
};

/** Signs in elsewhere; answers whether that sign-in is still good. */
const elsewhere = async (server: Cutroom, name: string): Promise<() => Promise<number>> => {
  const answer = await fetch(`${server.address}/api/v1/session`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email: emailOf(name), password: FIRST }),
  });
  const cookie = (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  return async () =>
    (await fetch(`${server.address}/api/v1/me`, { headers: { Cookie: cookie } })).status;
};

test("editor-W40: sign-ins end, the password changes, one's data comes as a file, and the account goes", async () => {
  test.setTimeout(180_000);
  const server = await Cutroom.start();
  const asha = await Person.arrive(SCREEN);
  const { page } = asha;
  const { keyboard } = page;
  try {
    await signUp(server, "Asha");
    await signUp(server, "Ravi");
    const others = [await elsewhere(server, "Asha"), await elsewhere(server, "Asha")];
    await enter(asha, server, "Asha");
    await bothThemes(page, "account");

    // One of them by keyboard, then all others.
    const ends = page.getByRole("button", { name: /^End the sign-in of/ });
    await expect(ends).toHaveCount(2);
    await ends.first().focus();
    await keyboard.press("Enter");
    await expect(ends).toHaveCount(1);
    await expect(page.getByRole("heading", { name: "Sign-ins" })).toBeFocused();
    await page.getByRole("button", { name: "End all others" }).click();
    await expect(ends).toHaveCount(0);
    expect(await Promise.all(others.map((ask) => ask()))).toEqual([401, 401]);

    const present = page.getByLabel("Present password");
    const chosen = page.getByLabel("New password");
    const change = page.getByRole("button", { name: "Change the password" });
    await present.fill("not-this-one-19");
    await chosen.fill("short");
    await keyboard.press("Enter");
    await expect(page.getByText("Use at least 10 characters.")).toBeVisible();
    await expect(chosen).toBeFocused();
    await clean(page, "a password that is too short");
    await chosen.fill("password123");
    await present.fill(FIRST);
    await change.click();
    await expect(page.getByText("Others use this password too.")).toBeVisible();
    await present.fill("not-this-one-19");
    await chosen.fill(SECOND);
    await change.click();
    await expect(page.getByText("This is not your present password.")).toBeVisible();
    await shot(page, "wrong-password");
    await present.fill(FIRST);
    await change.click();
    await expect(page.getByText("The password is changed")).toBeVisible();
    await expect(present).toHaveValue("");

    const downloading = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download my data" }).click();
    const file = await downloading;
    expect(file.suggestedFilename()).toBe("cutroom-data.json");
    const { tables } = JSON.parse(readFileSync(await file.path(), "utf8"));
    expect(tables.users[0].email).toBe(emailOf("Asha"));

    // While somebody would be left without an owner, the account stays.
    await page.getByRole("link", { name: "People and tokens of Asha's workspace" }).click();
    await page.getByLabel("Email").fill(emailOf("Ravi"));
    await page.getByRole("button", { name: "Add or invite" }).click();
    await expect(page.getByText("Ravi is in the workspace now")).toBeVisible();
    await page.getByRole("link", { name: "Back to your account" }).click();
    const dialog = page.getByRole("dialog", { name: "Delete your account for good?" });
    const deletion = page.getByRole("button", { name: /^Delete my account/ });
    const forGood = dialog.getByRole("button", { name: "Delete for good" });
    await deletion.click();
    await expect(dialog.getByText("You are the only owner")).toBeVisible();
    await expect(forGood).toBeDisabled();
    await bothThemes(page, "hand-over-first");
    await dialog.getByRole("link", { name: "Hand over Asha's workspace" }).click();
    await page.getByRole("button", { name: /^Hand over/ }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Hand over" }).click();
    await expect(page.getByText("You are here as: Editor")).toBeVisible();
    await expect(page.getByRole("heading", { name: "Asha's workspace" })).toBeFocused();

    await page.getByRole("link", { name: "Back to your account" }).click();
    await deletion.click();
    await expect(dialog.getByText("Asha's workspace, with what you made there")).toBeVisible();
    await bothThemes(page, "deletion");
    await dialog.getByText("I know that this cannot be undone").click();
    for (const wrong of ["", FIRST]) {
      await dialog.getByLabel("Your password").fill(wrong);
      await forGood.click();
      await expect(dialog.getByRole("alert")).toHaveText(/not your present password/);
    }
    await dialog.getByLabel("Your password").fill(SECOND);
    await keyboard.press("Enter");
    await expect(page).toHaveURL(/\/signin/);
    await expect(page.getByText("Your account is deleted")).toBeVisible();
    await page.goto(`${server.address}/account`);
    await expect(page).toHaveURL(/\/signin/);
    expect(asha.problems).toEqual([]);
  } finally {
    await asha.leave();
    await server.stop();
  }
});

test("editor-W41: an owner brings people in, gives roles and tokens, and takes them back", async () => {
  test.setTimeout(180_000);
  const server = await Cutroom.start();
  const ana = await Person.arrive(SCREEN);
  const bea = await Person.arrive(SCREEN);
  const { page } = ana;
  const { keyboard } = page;
  try {
    await signUp(server, "Ravi");
    await ana.signIn(server);
    await page.goto(`${server.address}/?list`);
    await page.getByRole("button", { name: /^Account/ }).focus();
    await keyboard.press("ArrowDown");
    await clean(page, "account menu");
    await page.getByRole("menuitem", { name: "People and tokens of My workspace" }).click();
    await expect(page.getByRole("heading", { name: "My workspace" })).toBeVisible();
    await expect(page.getByText(/^Nobody else is here/)).toBeVisible();
    await bothThemes(page, "workspace-alone");

    // An address that is none, one that has an account, one that has none, and no address at all.
    const email = page.getByLabel("Email");
    const add = page.getByRole("button", { name: "Add or invite" });
    const link = page.getByRole("textbox", { name: /^Send this link/ });
    await email.fill("ravi");
    await keyboard.press("Enter");
    await expect(page.getByText("This is no email address.")).toBeVisible();
    await email.fill(emailOf("Ravi"));
    await add.click();
    await expect(page.getByText("Ravi is in the workspace now")).toBeVisible();
    await email.fill(emailOf("Ravi"));
    await add.click();
    await expect(page.getByText("in the workspace already")).toBeVisible();
    await email.fill(emailOf("Kim"));
    await add.click();
    await expect(page.getByText(`Send this link to ${emailOf("Kim")}`)).toBeVisible();
    await email.fill("");
    await add.click();
    await expect(page.getByText("Send this link to one person")).toBeVisible();
    await bothThemes(page, "invited");
    await bea.page.goto(await link.inputValue());
    await bea.page.getByRole("textbox", { name: /name/i }).fill("Bea");
    await keyboard.press("Tab");
    await bea.page.keyboard.press("Enter");
    await bea.page.waitForURL(/\/(\?list|new|p\/|$)/);
    await page.reload();
    await page
      .getByRole("button", { name: `Take back the invitation for ${emailOf("Kim")}` })
      .click();
    await expect(page.getByText("No open invitations")).toBeVisible();

    // A role by keyboard; Bea sees what she may do now, and no more.
    await page.getByRole("button", { name: "Role of Bea: Editor" }).focus();
    await keyboard.press("ArrowDown");
    await keyboard.press("v");
    await keyboard.press("Enter");
    await expect(page.getByRole("button", { name: "Role of Bea: Viewer" })).toBeVisible();
    await bea.page.goto(page.url());
    await expect(bea.page.getByText("You are here as: Viewer")).toBeVisible();
    await expect(bea.page.getByRole("heading", { name: "API tokens" })).toHaveCount(0);
    await clean(bea.page, "workspace of a viewer");
    await shot(bea.page, "viewer");

    // A token is shown once, works, and opens nothing when it is ended.
    await page.getByRole("button", { name: "Make a token" }).click();
    await expect(page.getByRole("heading", { name: "Copy the token now" })).toBeFocused();
    const token = await page.getByRole("textbox", { name: "The token" }).inputValue();
    expect(token).toMatch(/^cut_/);
    await bothThemes(page, "token");
    const used = async () =>
      (
        await fetch(`${server.address}/api/v1/me`, {
          headers: { Authorization: `Bearer ${token}` },
        })
      ).status;
    expect(await used()).toBe(200);
    await page.getByRole("button", { name: "I have it" }).click();
    await expect(page.getByText(token)).toHaveCount(0);
    await page.getByRole("button", { name: /^End the token Editor/ }).click();
    await page.getByRole("dialog").getByRole("button", { name: "End" }).click();
    await expect(page.getByText("No tokens")).toBeVisible();
    expect(await used()).toBe(401);

    // Out, and out of one's own will.
    await page.getByRole("button", { name: "Remove Ravi" }).click();
    await clean(page, "removing somebody");
    await page.getByRole("dialog").getByRole("button", { name: "Remove Ravi" }).click();
    await expect(page.getByText("Ravi is not in the workspace any more")).toBeVisible();
    await bea.page.getByRole("button", { name: "Leave the workspace" }).click();
    await bea.page.getByRole("dialog").getByRole("button", { name: "Leave" }).click();
    await expect(bea.page.getByText(/^You are in no workspace/)).toBeVisible();
    await clean(bea.page, "account without a workspace");
    await shot(bea.page, "no-workspace");
    expect([...ana.problems, ...bea.problems]).toEqual([]);
  } finally {
    await ana.leave();
    await bea.leave();
    await server.stop();
  }
});
