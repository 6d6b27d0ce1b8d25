/**
 * Facts about assets, asked for in batches and kept in the query cache, never in the document.
 *
 * Ids wanted within one moment travel in one call; the server takes up to 500.
 */
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import type { AssetFacts, AssetTable } from "@/timeline-core/media";
import { flicks } from "@/timeline-core/time";
import { type Api, answered } from "./client";
import type { Asset, Page } from "./types";

export const IDS_PER_CALL_MAX = 500; // the contract's limit
const GATHER_MS = 10; // one frame's worth of components asking

export const listAssets = (api: Api, workspace: string, cursor?: string): Promise<Page<Asset>> =>
  answered(
    api.GET("/workspaces/{id}/assets", {
      params: { path: { id: workspace }, ...(cursor === undefined ? {} : { query: { cursor } }) },
    }),
  );

export const hydrateAssets = async (
  api: Api,
  ids: readonly string[],
): Promise<readonly Asset[]> => {
  const page = await answered(api.GET("/assets", { params: { query: { ids: ids.join(",") } } }));
  return page.items;
};

type Waiter = {
  readonly resolve: (asset: Asset | null) => void;
  readonly reject: (cause: unknown) => void;
};

/** Gathers the ids asked for within a moment into calls of at most 500. */
export class AssetLoader {
  readonly #hydrate: (ids: readonly string[]) => Promise<readonly Asset[]>;
  #waiting = new Map<string, Waiter[]>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(hydrate: (ids: readonly string[]) => Promise<readonly Asset[]>) {
    this.#hydrate = hydrate;
  }

  /** The asset, or null where there is none that we may see. */
  load(id: string): Promise<Asset | null> {
    return new Promise((resolve, reject) => {
      const waiters = this.#waiting.get(id) ?? [];
      waiters.push({ resolve, reject });
      this.#waiting.set(id, waiters);
      this.#timer ??= setTimeout(() => this.#flush(), GATHER_MS);
    });
  }

  #flush(): void {
    const waiting = [...this.#waiting];
    this.#waiting = new Map();
    this.#timer = undefined;
    for (let at = 0; at < waiting.length; at += IDS_PER_CALL_MAX) {
      void this.#call(new Map(waiting.slice(at, at + IDS_PER_CALL_MAX)));
    }
  }

  async #call(waiting: ReadonlyMap<string, readonly Waiter[]>): Promise<void> {
    try {
      const assets = await this.#hydrate([...waiting.keys()]);
      const found = new Map(assets.map((asset) => [asset.id, asset]));
      for (const [id, waiters] of waiting) {
        for (const { resolve } of waiters) resolve(found.get(id) ?? null);
      }
    } catch (cause) {
      for (const waiters of waiting.values()) for (const { reject } of waiters) reject(cause);
    }
  }
}

const ASSET_KEY = "asset";

export const assetQuery = (loader: AssetLoader, id: string) =>
  queryOptions({
    queryKey: [ASSET_KEY, id] as const,
    queryFn: () => loader.load(id),
    staleTime: Number.POSITIVE_INFINITY, // events say when it changes
  });

/** What the core needs to know of an asset. */
export const factsOf = (asset: Asset): AssetFacts => ({
  state: asset.state,
  duration: asset.facts?.duration == null ? null : flicks(asset.facts.duration),
  fps_num: asset.facts?.fps_num || 30,
  fps_den: asset.facts?.fps_den || 1,
  has_video: asset.facts?.has_video ?? asset.kind !== "audio",
  has_audio: asset.facts?.has_audio ?? asset.kind === "audio",
  start_tc: flicks(asset.facts?.start_tc ?? 0),
});

/** Of an asset that the server does not have: known, unlike one that is still being asked for. */
const MISSING: AssetFacts = {
  state: "missing",
  duration: null,
  fps_num: 30,
  fps_den: 1,
  has_video: false,
  has_audio: false,
  start_tc: flicks(0),
};

/**
 * The assets a document uses, read from the query cache as the table that the core wants.
 *
 * `table()` answers the same map until one of its assets changes, so it can be a snapshot for
 * `useSyncExternalStore` and a key for what was resolved with it.
 */
export class AssetCatalog {
  readonly #queries: QueryClient;
  readonly #loader: AssetLoader;
  readonly #listeners = new Set<() => void>();
  readonly #wanted = new Set<string>();
  #table: AssetTable | undefined;
  readonly #unsubscribe: () => void;

  constructor(queries: QueryClient, loader: AssetLoader) {
    this.#queries = queries;
    this.#loader = loader;
    this.#unsubscribe = queries.getQueryCache().subscribe((event) => {
      const [kind, id] = event.query.queryKey;
      if (kind !== ASSET_KEY || !this.#wanted.has(id as string)) return;
      if (event.type === "updated" && event.action.type === "success") this.#changed();
    });
  }

  /** Makes sure that the facts of `ids` are here or on their way. */
  want(ids: Iterable<string>): void {
    for (const id of ids) {
      if (this.#wanted.has(id)) continue;
      this.#wanted.add(id);
      void this.#queries.prefetchQuery(assetQuery(this.#loader, id));
    }
  }

  /** The asset as last told, undefined while unknown, null where there is none. */
  asset(id: string): Asset | null | undefined {
    return this.#queries.getQueryData(assetQuery(this.#loader, id).queryKey);
  }

  table = (): AssetTable => {
    this.#table ??= this.#built();
    return this.#table;
  };

  /** Takes an asset told by an event or an upload. */
  put(asset: Asset): void {
    this.#wanted.add(asset.id);
    this.#queries.setQueryData(assetQuery(this.#loader, asset.id).queryKey, asset);
  }

  /** Asks again for an asset that is said to have changed. */
  refresh(id: string): void {
    this.#wanted.add(id);
    void this.#queries.prefetchQuery({ ...assetQuery(this.#loader, id), staleTime: 0 });
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  close(): void {
    this.#unsubscribe();
  }

  #changed(): void {
    this.#table = undefined;
    for (const listener of [...this.#listeners]) listener();
  }

  #built(): AssetTable {
    const table = new Map<string, AssetFacts>();
    for (const id of this.#wanted) {
      const asset = this.asset(id);
      if (asset !== undefined) table.set(id, asset === null ? MISSING : factsOf(asset));
    }
    return table;
  }
}
