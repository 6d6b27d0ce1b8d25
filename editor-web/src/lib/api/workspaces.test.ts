import { expect, it } from "vitest";
import { ProblemError } from "@/lib/problem";
import { createApi } from "./client";
import type { NewInvite } from "./types";
import { bringIn } from "./workspaces";

/** A server that knows one email, and what it was asked. */
const serverThatKnows = (known: string) => {
  const asked: string[] = [];
  const api = createApi("http://host/api/v1", async (input) => {
    const request = input as Request;
    const body = (await request.json()) as { email?: string; role: string };
    const what = request.url.split("/").at(-1) ?? "";
    asked.push(what);
    const refused = { title: "Invalid", errors: [{ field: "email", message: "is unknown" }] };
    const isBad = body.email?.includes("@") === false;
    if (isBad || (what === "members" && body.email !== known)) {
      return Response.json({ ...refused, status: 422 }, { status: 422 });
    }
    return Response.json({ id: what, email: body.email ?? null, role: body.role }, { status: 201 });
  });
  return { asked, bring: (who: NewInvite) => bringIn(api, "ws_1", who) };
};

it("editor-A4: who has an account is a member at once", async () => {
  const { asked, bring } = serverThatKnows("ravi@example.com");
  const came = await bring({ email: "ravi@example.com", role: "editor" });
  expect([came.kind, asked]).toEqual(["member", ["members"]]);
});

it("editor-A4: any other email gets an invitation for it alone", async () => {
  const { asked, bring } = serverThatKnows("ravi@example.com");
  const came = await bring({ email: "bea@example.com", role: "viewer" });
  expect(came).toMatchObject({ kind: "invite", invite: { email: "bea@example.com" } });
  expect(asked).toEqual(["members", "invites"]);
});

it("editor-A4: without an email the invitation is for whoever opens it", async () => {
  const { asked, bring } = serverThatKnows("ravi@example.com");
  expect(await bring({ role: "viewer" })).toMatchObject({ invite: { email: null } });
  expect(asked).toEqual(["invites"]);
});

it("editor-A4: what is no email is refused, and nobody is invited", async () => {
  const { bring } = serverThatKnows("ravi@example.com");
  await expect(bring({ email: "ravi", role: "viewer" })).rejects.toBeInstanceOf(ProblemError);
});
