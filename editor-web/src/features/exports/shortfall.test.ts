import { expect, it } from "vitest";
import type { Wallet } from "@/lib/api/types";
import { canGoOn, missingOf, packFor } from "./shortfall";

const PACKS = [
  { id: "film", credits: 12_000, amount_minor: 3 },
  { id: "starter", credits: 500, amount_minor: 1 },
  { id: "studio", credits: 2_500, amount_minor: 2 },
];
const wallet: Wallet = {
  workspace: "ws_1",
  mode: "sandbox",
  available: 4,
  held: 0,
  debt: 0,
  frozen: false,
  seq: 7,
};

it("payments-P4: the smallest pack that is enough is offered", () => {
  expect(packFor(PACKS, 500)?.id).toBe("starter");
  expect(packFor(PACKS, 501)?.id).toBe("studio");
  expect(packFor(PACKS, 99_000)?.id).toBe("film");
  expect(packFor([], 1)).toBeUndefined();
});

it("payments-P4: debt is missing as well", () => {
  expect(missingOf(18, wallet)).toBe(14);
  expect(missingOf(18, { ...wallet, available: 0, debt: 80 })).toBe(98);
});

it("payments-P4: a refused order goes on with an entry after the refusal that brings enough", () => {
  expect(canGoOn(18, { ...wallet, available: 504, seq: 8 }, 7)).toBe(true);
  expect(canGoOn(18, { ...wallet, available: 504, seq: 7 }, 7)).toBe(false);
  expect(canGoOn(18, { ...wallet, available: 17, seq: 8 }, 7)).toBe(false);
  expect(canGoOn(18, { ...wallet, available: 504, frozen: true, seq: 8 }, 7)).toBe(false);
});
