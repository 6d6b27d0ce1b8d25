/** A line that is closed for good says why, and shows the way out. */
import { expect, test } from "@playwright/test";
import { Cutroom } from "./cutroom";
import { Person } from "./people";

test("editor-C2: who is put out or signed out is told, and shown where to go", async () => {
  const server = await Cutroom.start();
  const ana = await Person.arrive();
  const bea = await Person.arrive();
  try {
    const project = await server.project("Launch film");
    const link = await server.post(`/projects/${project}/share-links`, { role: "viewer" });
    await ana.signIn(server);
    await ana.open(server, project);
    await bea.join(link["url"], "Bea");
    await expect(bea.page.getByText("View only").first()).toBeVisible();

    // The link is taken back: Bea is out, Ana feels nothing.
    await ana.page.request.delete(
      `${server.address}/api/v1/projects/${project}/share-links/${link["id"]}`,
      { headers: { Authorization: `Bearer ${server.token}` } },
    );
    await expect(bea.page.getByText(/No access any more|Sign in again/)).toBeVisible();
    await expect(
      bea.page.getByRole("banner").getByRole("link", { name: /To the projects|Sign in/ }),
    ).toBeVisible();
    await ana.saved();

    // Ana's sign-in ends, in another tab as it were: the cookie is over.
    await ana.page.evaluate(async () => {
      await fetch("/api/v1/session", { method: "DELETE" });
    });
    await expect(ana.page.getByText("Sign in again")).toBeVisible();
    await ana.page.getByRole("link", { name: "Sign in", exact: true }).click();
    await expect(ana.page).toHaveURL(new RegExp(`/signin\\?next=.*${project}`));
  } finally {
    await ana.leave();
    await bea.leave();
    await server.stop();
  }
});
