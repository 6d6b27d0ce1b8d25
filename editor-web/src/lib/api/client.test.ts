import { expect, it } from "vitest";
import { ProblemError } from "@/lib/problem";
import { createApi } from "./client";
import { getProject } from "./projects";

const failure = async (fetchIt: typeof fetch): Promise<ProblemError["problem"]> => {
  const api = createApi("http://host/api/v1", fetchIt);
  try {
    await getProject(api, "p1");
  } catch (cause) {
    if (cause instanceof ProblemError) return cause.problem;
    throw cause;
  }
  throw new Error("nothing failed");
};

it("editor-N4: a failed call is the server's problem, with its trace id", async () => {
  const body = {
    type: "x",
    title: "No such project",
    status: 404,
    detail: "p1",
    code: "not_found",
  };
  const problem = await failure(async () =>
    Response.json(body, { status: 404, headers: { "X-Trace-Id": "t1" } }),
  );
  expect(problem).toMatchObject({ ...body, traceId: "t1" });
});

it("editor-N4: a body that is no problem still gives its status", async () => {
  const problem = await failure(async () => new Response("<h1>Bad gateway</h1>", { status: 502 }));
  expect(problem).toMatchObject({ status: 502, title: "HTTP 502" });
});

it("editor-N4: a server that cannot be reached has status 0", async () => {
  const problem = await failure(() => Promise.reject(new TypeError("fetch failed")));
  expect(problem).toMatchObject({ status: 0, detail: "fetch failed" });
});
