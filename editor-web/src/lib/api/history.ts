/** Versions of a project: what they hold, what changed, and taking one back. */
import { type Api, answered } from "./client";
import type {
  Activity,
  CommandsAnswer,
  Page,
  TimelineFile,
  Version,
  VersionChanges,
} from "./types";

export const versionsKey = (project: string) => ["versions", project] as const;
export const activityKey = (project: string) => ["activity", project] as const;

const at = (id: string, version: string) => ({ params: { path: { id, version } } });

export const listVersions = (api: Api, id: string, cursor?: string): Promise<Page<Version>> =>
  answered(
    api.GET("/projects/{id}/versions", {
      params: { path: { id }, query: cursor === undefined ? {} : { cursor } },
    }),
  );

export const nameNow = (api: Api, id: string, name: string): Promise<Version> =>
  answered(api.POST("/projects/{id}/versions", { params: { path: { id } }, body: { name } }));

export const renameVersion = (
  api: Api,
  id: string,
  version: string,
  name: string,
): Promise<Version> =>
  answered(api.PATCH("/projects/{id}/versions/{version}", { ...at(id, version), body: { name } }));

export const restoreVersion = (api: Api, id: string, version: string): Promise<CommandsAnswer> =>
  answered(api.POST("/projects/{id}/versions/{version}/restore", at(id, version)));

export const readVersion = (api: Api, id: string, version: string): Promise<TimelineFile> =>
  answered(api.GET("/projects/{id}/versions/{version}", at(id, version)));

/** What changed up to a version, or from it until now. */
export const readChanges = (
  api: Api,
  id: string,
  version: string,
  until: "version" | "now",
): Promise<VersionChanges> =>
  answered(
    api.GET("/projects/{id}/versions/{version}/changes", {
      params: { path: { id, version }, query: { until } },
    }),
  );

export const listActivity = (api: Api, id: string, cursor?: string): Promise<Page<Activity>> =>
  answered(
    api.GET("/projects/{id}/activity", {
      params: { path: { id }, query: cursor === undefined ? {} : { cursor } },
    }),
  );
