/** The export click and what comes of it. */
import { type Api, answered } from "./client";
import type { Export, ExportAccepted, ExportRequest, Page, Preset } from "./types";

const ENDED: ReadonlySet<string> = new Set(["done", "failed", "cancelled"]);

export const hasEnded = ({ state }: Pick<Export, "state">): boolean => ENDED.has(state);

/** `key` names this click: the same key sent twice orders one film. */
export const requestExport = (
  api: Api,
  project: string,
  body: ExportRequest,
  key: string,
): Promise<ExportAccepted> =>
  answered(
    api.POST("/projects/{id}/exports", {
      params: { path: { id: project }, header: { "Idempotency-Key": key } },
      body,
    }),
  );

export const listExports = (api: Api, project: string): Promise<Page<Export>> =>
  answered(api.GET("/projects/{id}/exports", { params: { path: { id: project } } }));

export const getExport = (api: Api, id: string): Promise<Export> =>
  answered(api.GET("/exports/{id}", { params: { path: { id } } }));

export const cancelExport = (api: Api, id: string): Promise<Export> =>
  answered(api.POST("/exports/{id}/cancel", { params: { path: { id } } }));

export const listPresets = (api: Api, project: string): Promise<Page<Preset>> =>
  answered(api.GET("/export-presets", { params: { query: { project } } }));
