import { expect, it } from "vitest";
import type { JournalEntry } from "@/lib/api/types";
import { levelOf, movedIn, placeOf, sizeOf } from "./entries";

const entry = (
  kind: JournalEntry["kind"],
  postings: Partial<Record<JournalEntry["postings"][number]["account"], number>>,
  ref = "export",
): JournalEntry => ({
  id: "ent_1",
  seq: 1,
  kind,
  ref: { kind: ref, id: "x" },
  reason: null,
  postings: Object.entries(postings).map(([account, amount]) => ({
    account: account as JournalEntry["postings"][number]["account"],
    amount,
  })),
  after: { available: 0, held: 0, debt: 0 },
  created_at: "2026-11-20T10:00:00Z",
});

it("payments-P2: an entry says how many credits it is about", () => {
  expect(sizeOf(entry("hold", { available: -18, held: 18 }))).toBe(18);
  expect(sizeOf(entry("capture", { available: 6, held: -18, spent: 12 }))).toBe(12);
  expect(sizeOf(entry("release", { available: 10, debt: 8, held: -18 }))).toBe(18);
  expect(sizeOf(entry("purchase", { purchased: -500, debt: 80, available: 420 }))).toBe(500);
  expect(sizeOf(entry("clawback", { purchased: 500, available: -420, debt: -80 }))).toBe(500);
  expect(movedIn(entry("hold", { available: -18, held: 18 }), "debt")).toBe(0);
});

it("payments-P2: an entry belongs to its export or its order", () => {
  expect(placeOf(entry("hold", {}))).toBe("export");
  expect(placeOf(entry("purchase", {}, "credit_order"))).toBe("order");
  expect(placeOf(entry("grant", {}, "account"))).toBeNull();
});

it("payments-P3: a wallet says the worst of it", () => {
  const wallet = { available: 2000, debt: 0, frozen: false };
  expect(levelOf(wallet)).toBe("plenty");
  expect(levelOf({ ...wallet, available: 99 })).toBe("low");
  expect(levelOf({ ...wallet, available: 0, debt: 1 })).toBe("owed");
  expect(levelOf({ ...wallet, frozen: true })).toBe("frozen");
});
