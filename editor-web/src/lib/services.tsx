/** What lives as long as the page: made once in `main.tsx`, handed down, never a global. */
import { QueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, use } from "react";
import { AssetCatalog, AssetLoader, hydrateAssets } from "./api/assets";
import { type Api, createApi } from "./api/client";
import { type Sender, UploadQueue } from "./api/uploads";
import type { Env } from "./env";
import { newId } from "./ids";
import { ProblemError } from "./problem";

export interface Services {
  readonly env: Env;
  readonly api: Api;
  readonly queries: QueryClient;
  readonly loader: AssetLoader;
  readonly catalog: AssetCatalog;
  readonly uploads: UploadQueue;
}

const RETRIES_MAX = 3;

/** A refusal is an answer: only what did not reach the server, or broke there, is tried again. */
const worthRetrying = (failures: number, cause: unknown): boolean => {
  const status = cause instanceof ProblemError ? cause.problem.status : 0;
  return failures < RETRIES_MAX && (status === 0 || status >= 500);
};

/** What sends files is fetched with the first one. */
const sendLate: Sender = async (...given) => (await import("./api/tus")).sendByTus(...given);

export const createServices = (env: Env): Services => {
  const api = createApi(env.apiUrl);
  const queries = new QueryClient({
    defaultOptions: { queries: { retry: worthRetrying, refetchOnWindowFocus: false } },
  });
  const loader = new AssetLoader((ids) => hydrateAssets(api, ids));
  const catalog = new AssetCatalog(queries, loader);
  const uploads = new UploadQueue(sendLate, newId, (asset) => catalog.refresh(asset));
  return { env, api, queries, loader, catalog, uploads };
};

const ServicesContext = createContext<Services | null>(null);

export const ServicesProvider = (props: {
  readonly services: Services;
  readonly children: ReactNode;
}) => <ServicesContext value={props.services}>{props.children}</ServicesContext>;

export const useServices = (): Services => {
  const services = use(ServicesContext);
  if (services === null) throw new Error("useServices outside of a ServicesProvider");
  return services;
};
