/** Threads of comments, and the people who may be mentioned in them. */
import { type Api, answered } from "./client";
import type { NewThread, Page, Reply, Thread, ThreadPerson } from "./types";

export const threadsKey = (project: string) => ["comments", project] as const;

const PAGES_MAX = 20; // of 200 each: as many threads as a project may hold, twice

/** All threads of a project, the oldest first. */
export const listThreads = async (api: Api, id: string): Promise<readonly Thread[]> => {
  const found: Thread[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const query: { limit: number; cursor?: string } = { limit: 200, ...(cursor && { cursor }) };
    const answer: Page<Thread> = await answered(
      api.GET("/projects/{id}/comments", { params: { path: { id }, query } }),
    );
    found.push(...answer.items);
    cursor = answer.next_cursor ?? null;
    if (cursor === null) break;
  }
  return found;
};

export const listPeople = async (api: Api, id: string): Promise<readonly ThreadPerson[]> =>
  (await answered(api.GET("/projects/{id}/people", { params: { path: { id } } }))).items;

export const startThread = (api: Api, id: string, body: NewThread): Promise<Thread> =>
  answered(api.POST("/projects/{id}/comments", { params: { path: { id } }, body }));

export const replyTo = (api: Api, id: string, thread: string, body: Reply): Promise<Thread> =>
  answered(
    api.POST("/projects/{id}/comments/{thread}/replies", {
      params: { path: { id, thread } },
      body,
    }),
  );

export const resolveThread = (
  api: Api,
  id: string,
  thread: string,
  resolved: boolean,
): Promise<Thread> =>
  answered(
    api.PATCH("/projects/{id}/comments/{thread}", {
      params: { path: { id, thread } },
      body: { resolved },
    }),
  );

export const changeComment = (
  api: Api,
  id: string,
  thread: string,
  comment: string,
  body: Reply,
): Promise<Thread> =>
  answered(
    api.PATCH("/projects/{id}/comments/{thread}/replies/{comment}", {
      params: { path: { id, thread, comment } },
      body,
    }),
  );

export const removeComment = async (
  api: Api,
  id: string,
  thread: string,
  comment: string,
): Promise<void> => {
  await answered(
    api.DELETE("/projects/{id}/comments/{thread}/replies/{comment}", {
      params: { path: { id, thread, comment } },
    }),
  );
};
