/** Why a password is not taken, in one's own language; null where nothing is known against it. */
import { sayAccount } from "@/lib/messages/account";
import { ProblemError } from "@/lib/problem";

/** As the server has them; it knows the common ones as well. */
export const LENGTH_MIN = 10;
export const LENGTH_MAX = 256;

const words = sayAccount.faults;

export type Faults = { readonly present?: string; readonly chosen?: string };

/** What can be told before anybody is asked. */
export function faultsOf(present: string, chosen: string): Faults {
  return {
    ...(present === "" ? { present: words.empty } : {}),
    ...faultOfChosen(present, chosen),
  };
}

function faultOfChosen(present: string, chosen: string): Faults {
  const { length } = [...chosen]; // characters as people count them
  if (length < LENGTH_MIN) return { chosen: words.short(LENGTH_MIN) };
  if (length > LENGTH_MAX) return { chosen: words.long(LENGTH_MAX) };
  return chosen === present ? { chosen: words.same } : {};
}

/** What the server has against them. Null: it is about something else. */
export function refusedFaults(cause: unknown): Faults | null {
  const status = cause instanceof ProblemError ? cause.problem.status : 0;
  if (status === 401) return { present: words.wrong };
  if (status === 429) return { present: words.tooOften };
  return status === 422 ? { chosen: words.common } : null;
}
