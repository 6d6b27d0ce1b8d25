/** The typed client: every failed call ends as a `ProblemError`, once, here. */
import createFetchClient, { type Client } from "openapi-fetch";
import { ProblemError, problemOf, unreachable } from "@/lib/problem";
import type { paths } from "./paths";

export type Api = Client<paths, "application/json">;

/** `apiUrl` without a trailing slash; cookies of the same origin go along. */
export const createApi = (apiUrl: string, fetchIt?: typeof fetch): Api =>
  createFetchClient<paths, "application/json">({
    baseUrl: apiUrl,
    credentials: "same-origin",
    ...(fetchIt === undefined ? {} : { fetch: fetchIt }),
  });

interface Fetched<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** The body of a successful call; a refused or unreachable one throws `ProblemError`. */
export const answered = async <T>(call: Promise<Fetched<T>>): Promise<T> => {
  const { data, error, response } = await reached(call);
  if (!response.ok) throw new ProblemError(problemOf(response, error));
  return data as T;
};

const reached = async <T>(call: Promise<Fetched<T>>): Promise<Fetched<T>> => {
  try {
    return await call;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new ProblemError(unreachable(cause));
  }
};
