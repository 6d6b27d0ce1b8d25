import { QueryClient } from "@tanstack/react-query";
import { expect, it } from "vitest";
import { AssetCatalog, AssetLoader, IDS_PER_CALL_MAX } from "./assets";
import type { Asset } from "./types";

const asset = (id: string, state: Asset["state"] = "ready"): Asset => ({
  id,
  workspace: "w",
  name: id,
  kind: "video",
  media_type: "video/mp4",
  size_bytes: 1,
  state,
  progress: 1,
  problem: null,
  facts: null,
  proxy: "none",
  urls: { content: null, proxy: null, peaks: null, thumbnails: null },
  diagnostics: [],
  created_at: "2026-11-20T00:00:00Z",
});

const stand = () => {
  const calls: (readonly string[])[] = [];
  const loader = new AssetLoader(async (ids) => {
    calls.push(ids);
    return ids.filter((id) => id !== "gone").map((id) => asset(id));
  });
  return { calls, loader, catalog: new AssetCatalog(new QueryClient(), loader) };
};

const told = (catalog: AssetCatalog): Promise<void> =>
  new Promise((resolve) => {
    const stop = catalog.subscribe(() => {
      stop();
      resolve();
    });
  });

it("editor-N1: ids wanted within a moment travel in calls of at most 500, each once", async () => {
  const { calls, loader } = stand();
  const ids = Array.from({ length: IDS_PER_CALL_MAX + 1 }, (_, index) => `a${index}`);
  const loaded = await Promise.all([...ids, ...ids].map((id) => loader.load(id)));
  expect(calls.map((call) => call.length)).toEqual([IDS_PER_CALL_MAX, 1]);
  expect(loaded[3]?.id).toBe("a3");
});

it("editor-N1: an asset that is not there is null, and a failed call fails its ids alone", async () => {
  const { loader } = stand();
  expect(await loader.load("gone")).toBeNull();
  const broken = new AssetLoader(() => Promise.reject(new Error("no")));
  await expect(broken.load("a")).rejects.toThrow("no");
});

it("editor-N1: the table stays the same object until one of its assets changes", async () => {
  const { catalog } = stand();
  catalog.want(["a", "b", "gone"]);
  await told(catalog);
  await new Promise((resolve) => setTimeout(resolve, 5));
  const table = catalog.table();
  const states = [...table].map(([id, { state }]) => [id, state]).sort();
  expect(states).toEqual([
    ["a", "ready"],
    ["b", "ready"],
    ["gone", "missing"],
  ]);
  catalog.want(["a"]);
  expect(catalog.table()).toBe(table);
  const change = told(catalog);
  catalog.put(asset("a", "failed"));
  await change;
  expect(catalog.table()).not.toBe(table);
  expect(catalog.table().get("a")?.state).toBe("failed");
  catalog.close();
});
