/** The doors of a server that has an OpenID provider: there, back, and what may go wrong between. */
import { type ChildProcess, spawn } from "node:child_process";
import { expect, type Page, test } from "@playwright/test";
import { Cutroom, freePort, PYTHON, ROOT } from "./cutroom";
import { Person } from "./people";
import { clean } from "./wcag";

test.describe.configure({ mode: "serial" });

let server: Cutroom;
let provider: ChildProcess;
let ana: Person;

test.beforeAll(async () => {
  test.setTimeout(120_000);
  const port = await freePort();
  server = await Cutroom.start({
    settings: (address) => ({
      CUTROOM_PUBLIC_URL: address,
      CUTROOM_OPENID_ISSUER: `http://127.0.0.1:${port}`,
      CUTROOM_OPENID_CLIENT_ID: "cutroom-tests",
      CUTROOM_OPENID_CLIENT_SECRET: "a-secret-of-the-tests",
      CUTROOM_OPENID_NAME: "Example",
      CUTROOM_SMTP_URL: "smtp+plain://127.0.0.1:9", // nobody is there: no page waits for mail
      CUTROOM_MAIL_FROM: "cutroom@example.com",
    }),
  });
  const callback = `${server.address}/api/v1/session/openid/callback`;
  provider = spawn(PYTHON, ["-m", "tests.openid_server", `${port}`, callback], {
    cwd: ROOT,
    stdio: ["pipe", "pipe", "inherit"],
  });
  await new Promise((ready) => provider.stdout?.once("data", ready));
  ana = await Person.arrive();
});

test.afterAll(async () => {
  await ana?.leave();
  provider?.kill();
  await server?.stop();
});

test("editor-W31: who signs in with the provider lands where they wanted to go", async () => {
  const { page } = ana;
  await page.goto(`${server.address}/new?from=mail`);
  const way = page.getByRole("button", { name: "Sign in with Example" });
  await expect(way).toBeVisible();
  await clean(page, "sign-in with a provider");
  await way.click();
  await page.getByRole("link", { name: "Cancel" }).click();
  await expect(page.getByRole("alert")).toHaveText("You did not agree to sign in at Example.");
  await clean(page, "sign-in that failed");
  await way.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "Agree" }).click();
  await page.waitForURL(/\/p\//); // `/new` makes a project
  expect((await ana.context.cookies()).map(({ name }) => name)).toEqual(["cutroom"]);
});

test("editor-W31: an invitation is accepted by the same way", async () => {
  const { url } = await server.post(`/workspaces/${await server.workspace()}/invites`, {
    role: "editor",
  });
  await ana.context.clearCookies();
  await ana.page.goto(url);
  await clean(ana.page, "invitation with a provider");
  await ana.page.getByRole("button", { name: "Join with Example" }).click();
  await ana.page.getByRole("link", { name: "Agree" }).click();
  await ana.page.waitForURL(`${server.address}/**`);
  await expect
    .poll(
      async () =>
        (await (await ana.page.request.get(`${server.address}/api/v1/me`)).json()).workspaces
          ?.length,
    )
    .toBe(2);
});

test("editor-W32: who forgot the password asks for a link, and an invitation tells of its mail", async () => {
  const { page } = ana;
  await page.goto(`${server.address}/w/${await workspaceOf(page)}`);
  await page.getByRole("textbox", { name: "Email" }).fill("ravi@example.com");
  await page.getByRole("button", { name: "Add or invite" }).click();
  await expect(
    page.getByText("A mail with this link is on its way to ravi@example.com").first(),
  ).toBeVisible();
  await ana.context.clearCookies();
  await page.goto(`${server.address}/signin`);
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  await page.getByRole("textbox", { name: "Email" }).fill("nobody@example.com");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("status").filter({ hasText: "on its way" })).toBeVisible();
  await clean(page, "a new password");
  await page.getByRole("link", { name: "Back to sign in" }).click();
  await expect(page.getByRole("button", { name: "Sign in with Example" })).toBeVisible();
});

/** The one that the person at this browser made. */
const workspaceOf = async (page: Page): Promise<string> => {
  const me = await (await page.request.get(`${server.address}/api/v1/me`)).json();
  return me.workspaces.find(({ role }: { role: string }) => role === "owner").id;
};

test("editor-W31: a provider that is away is told in words", async () => {
  const { page } = ana;
  await ana.context.clearCookies();
  await page.goto(`${server.address}/signin`);
  await page.getByRole("button", { name: "Sign in with Example" }).click();
  await page.getByRole("link", { name: "Agree" }).waitFor();
  provider.kill();
  await new Promise((gone) => provider.once("exit", gone));
  await page.goBack();
  await page.goto(`${server.address}/signin?problem=unavailable`);
  await expect(page.getByRole("alert")).toHaveText(
    "Example does not answer. Try again in a moment.",
  );
  await page.goto(`${server.address}/signin?problem=constructor`);
  await expect(page.getByRole("button", { name: "Sign in with Example" })).toBeVisible();
  await expect(page.getByRole("alert")).toHaveCount(0);
});
