/** What becomes of a workspace when somebody deletes their account; the server decides the same. */
import type { Member } from "@/lib/api/types";

/** It closes with who was alone in it, stays with the others, or waits until it has another owner. */
export type Fate = "closes" | "stays" | "waits";

export function fateOf(members: readonly Member[], me: string): Fate {
  const others = members.filter(({ id }) => id !== me);
  if (others.length === 0) return "closes";
  return others.some(({ role }) => role === "owner") ? "stays" : "waits";
}
