/** A moment of the past, opened like a project: nothing is connected, nobody else is in it, and
 * nothing can be written. What draws a timeline draws this one the same way. */

import type { Readable } from "@/lib/observable";
import { localProblem } from "@/lib/problem";
import type { AssetTable } from "@/timeline-core/media";
import { type Change, type Json, RECORD_ROOTS } from "@/timeline-core/model";
import type { SocketLike } from "./connection";
import type { PresenceUser } from "./presence";
import { Session } from "./session";

export interface PastOptions {
  readonly project: string;
  readonly user: PresenceUser;
  readonly assets: Readable<AssetTable>;
}

/** The nine root maps of a `.cutroom.json`. */
export type PastRoots = Readonly<Record<string, unknown>>;

const UNUSED = { getItem: () => null, setItem: () => undefined };

/** A line that never opens. */
const silence = (): SocketLike => ({
  binaryType: "arraybuffer",
  readyState: 0,
  onopen: null,
  onmessage: null,
  onclose: null,
  onerror: null,
  send: () => undefined,
  close: () => undefined,
});

export const openPast = (options: PastOptions, roots: PastRoots): Session => {
  const session = new Session({
    ...options,
    role: "viewer",
    collabUrl: "",
    newId: () => "",
    send: () => Promise.reject(localProblem("this is the past")),
    storage: UNUSED,
    offlineCopy: false,
    openSocket: silence,
  });
  session.document.apply([...creations(roots)], "past");
  session.loaded.set(true);
  return session;
};

/** The changes that make an empty document this one. */
export function* creations(roots: PastRoots): Generator<Change> {
  for (const [key, value] of entriesOf(roots["meta"])) {
    yield { map: "meta", id: "", key, before: null, after: value };
  }
  for (const map of RECORD_ROOTS) {
    for (const [id, after] of entriesOf(roots[map])) {
      yield { map, id, key: null, before: null, after };
    }
  }
}

const entriesOf = (value: unknown): readonly (readonly [string, Json])[] =>
  typeof value === "object" && value !== null ? Object.entries(value as Record<string, Json>) : [];
