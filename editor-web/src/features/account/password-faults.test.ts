import { expect, it } from "vitest";
import { sayAccount } from "@/lib/messages/account";
import { localProblem, ProblemError } from "@/lib/problem";
import { faultsOf, LENGTH_MAX, LENGTH_MIN, refusedFaults } from "./password-faults";

const { faults } = sayAccount;
const GOOD = "quiet-otter-17";

it("editor-A2: a password that is too short, too long or the same is told before it is sent", () => {
  expect(faultsOf("old-otter-16", GOOD)).toEqual({});
  expect(faultsOf("", GOOD)).toEqual({ present: faults.empty });
  expect(faultsOf(GOOD, GOOD)).toEqual({ chosen: faults.same });
  expect(faultsOf("old", "x".repeat(LENGTH_MIN - 1)).chosen).toBe(faults.short(LENGTH_MIN));
  expect(faultsOf("old", "x".repeat(LENGTH_MIN))).toEqual({});
  expect(faultsOf("old", "x".repeat(LENGTH_MAX))).toEqual({});
  expect(faultsOf("old", "x".repeat(LENGTH_MAX + 1)).chosen).toBe(faults.long(LENGTH_MAX));
});

it("editor-A2: characters are counted as the server counts them, not in halves", () => {
  expect(faultsOf("old", "🦦".repeat(LENGTH_MIN - 1)).chosen).toBe(faults.short(LENGTH_MIN));
});

it.each([
  [401, { present: faults.wrong }],
  [429, { present: faults.tooOften }],
  [422, { chosen: faults.common }],
  [503, null],
] as const)("editor-A2: a refusal with %s is told at its field", (status, told) => {
  const cause = new ProblemError({ ...localProblem("refused"), status });
  expect(refusedFaults(cause)).toEqual(told);
});
