import { expect, test, vi } from "vitest";

const stored = new Map<string, string>();
vi.stubGlobal("localStorage", {
  getItem: (key: string) => stored.get(key) ?? null,
  setItem: (key: string, value: string) => stored.set(key, value),
});

/** The store as the next visit finds it. */
async function visit() {
  vi.resetModules();
  return (await import("./preferences")).usePreferences;
}

test("a choice that the account has not heard outlives the visit and wins over the account", async () => {
  (await visit()).getState().put({ language: "en", theme: "light" });
  const next = await visit();
  expect(next.getState().unsent).toEqual({ language: "en", theme: "light" });
  next.getState().heard({ language: "de", scrubSound: true });
  expect(next.getState().values).toEqual({ language: "en", theme: "light", scrubSound: true });
});

test("a choice that was sent is no longer kept back, one made since is", async () => {
  const store = await visit();
  store.getState().put({ language: "de" });
  const going = store.getState().unsent;
  store.getState().put({ language: "en" });
  store.getState().sent(going);
  expect((await visit()).getState().unsent).toEqual({ language: "en" });
});
