/** Whether people's work is safe, as one closed union, decided by one pure function [editor-8]. */

/** Where the connection stands; `closed` is final until somebody acts. */
export type ConnectionState =
  | { readonly kind: "connecting"; readonly since: number; readonly attempts: number }
  | { readonly kind: "connected"; readonly since: number; readonly synced: boolean }
  | { readonly kind: "closed"; readonly code: FinalCode };

/** Close codes after which trying again changes nothing. */
export type FinalCode = 4400 | 4401 | 4403 | 4404 | 4413;

export type SaveState =
  /** The document is not here yet. */
  | { readonly kind: "loading" }
  | { readonly kind: "saving" }
  /** `at` in milliseconds since 1970; null when nothing was edited in this visit. */
  | { readonly kind: "saved"; readonly at: number | null }
  | { readonly kind: "unsaved" }
  | { readonly kind: "offline"; readonly edits: number }
  | { readonly kind: "reconnecting"; readonly edits: number }
  | { readonly kind: "view-only" }
  | { readonly kind: "no-access" }
  | { readonly kind: "full" }
  | { readonly kind: "signed-out" }
  | { readonly kind: "unreadable" };

export const SAVING_AFTER_MS = 300; // shorter than that, the word would only flicker
export const UNSAVED_AFTER_MS = 5000;
export const OFFLINE_AFTER_MS = 5000;

export interface SaveFacts {
  readonly connection: ConnectionState;
  /** What the browser says about the network. */
  readonly online: boolean;
  readonly canWrite: boolean;
  /** Whether the document was ever here, from the server or from this computer. */
  readonly loaded: boolean;
  /** Gestures that no ack covers. */
  readonly edits: number;
  /** When the oldest of them was made, or null. */
  readonly oldestEditAt: number | null;
  /** When the last ack that covered everything came. */
  readonly savedAt: number | null;
  readonly now: number;
}

const CLOSED = {
  4400: { kind: "unreadable" },
  4401: { kind: "signed-out" },
  4403: { kind: "no-access" },
  4404: { kind: "no-access" },
  4413: { kind: "full" },
} as const satisfies Record<FinalCode, SaveState>;

export const isFinalCode = (code: number): code is FinalCode => Object.hasOwn(CLOSED, code);

const connecting = (
  facts: SaveFacts,
  { since, attempts }: Extract<ConnectionState, { kind: "connecting" }>,
): SaveState => {
  const { online, loaded, edits, now } = facts;
  if (!online || (attempts > 0 && now - since >= OFFLINE_AFTER_MS)) {
    return { kind: "offline", edits };
  }
  if (!loaded && attempts === 0) return { kind: "loading" };
  return { kind: "reconnecting", edits };
};

const connected = (
  facts: SaveFacts,
  { since, synced }: Extract<ConnectionState, { kind: "connected" }>,
): SaveState => {
  const { loaded, canWrite, oldestEditAt, savedAt, now } = facts;
  if (!loaded && !synced) return { kind: "loading" };
  if (!canWrite) return { kind: "view-only" };
  if (oldestEditAt === null) return { kind: "saved", at: savedAt };
  // Edits made while the line was cut can only be acknowledged from now on.
  const waiting = now - Math.max(oldestEditAt, since);
  if (waiting >= UNSAVED_AFTER_MS) return { kind: "unsaved" };
  if (waiting >= SAVING_AFTER_MS) return { kind: "saving" };
  return { kind: "saved", at: savedAt };
};

export const saveState = (facts: SaveFacts): SaveState => {
  const { connection } = facts;
  switch (connection.kind) {
    case "connecting":
      return connecting(facts, connection);
    case "connected":
      return connected(facts, connection);
    case "closed":
      return CLOSED[connection.code];
    default:
      return connection satisfies never;
  }
};

/** Milliseconds until the state may change by time alone, or null. */
export const nextLookIn = (facts: SaveFacts): number | null => {
  const { connection, oldestEditAt, now } = facts;
  const due =
    connection.kind === "connecting"
      ? [connection.since + OFFLINE_AFTER_MS]
      : connection.kind === "connected" && oldestEditAt !== null
        ? [SAVING_AFTER_MS, UNSAVED_AFTER_MS].map(
            (wait) => Math.max(oldestEditAt, connection.since) + wait,
          )
        : [];
  const coming = due.filter((at) => at > now);
  return coming.length === 0 ? null : Math.min(...coming) - now;
};
