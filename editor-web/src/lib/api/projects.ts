/** What a person may open. */
import { type Api, answered } from "./client";
import type {
  CommandsAnswer,
  CommandsRequest,
  NewProject,
  Page,
  Project,
  Role,
  ShareLink,
} from "./types";

export const listProjects = (api: Api, cursor?: string): Promise<Page<Project>> =>
  answered(api.GET("/projects", cursor === undefined ? {} : { params: { query: { cursor } } }));

export const getProject = (api: Api, id: string): Promise<Project> =>
  answered(api.GET("/projects/{id}", { params: { path: { id } } }));

export const createProject = (api: Api, body: NewProject): Promise<Project> =>
  answered(api.POST("/projects", { body }));

export const renameProject = (api: Api, id: string, name: string): Promise<Project> =>
  answered(api.PATCH("/projects/{id}", { params: { path: { id } }, body: { name } }));

export const deleteProject = async (api: Api, id: string): Promise<void> => {
  await answered(api.DELETE("/projects/{id}", { params: { path: { id } } }));
};

/** Runs structural edits on the server, in one transaction; a refusal is a 409 `ProblemError`. */
export const runCommands = (api: Api, id: string, body: CommandsRequest): Promise<CommandsAnswer> =>
  answered(api.POST("/projects/{id}/commands", { params: { path: { id } }, body }));

export const createShareLink = (api: Api, id: string, role: Role): Promise<ShareLink> =>
  answered(api.POST("/projects/{id}/share-links", { params: { path: { id } }, body: { role } }));

export const listShareLinks = (api: Api, id: string): Promise<Page<ShareLink>> =>
  answered(api.GET("/projects/{id}/share-links", { params: { path: { id } } }));

/** Takes a link back: who holds it loses access at once. */
export const deleteShareLink = async (api: Api, id: string, link: string): Promise<void> => {
  await answered(
    api.DELETE("/projects/{id}/share-links/{link}", { params: { path: { id, link } } }),
  );
};
