/** Hooks that subscribe by id: a component is drawn again only for what it reads. */
import { createContext, type ReactNode, use, useCallback, useSyncExternalStore } from "react";
import type { Readable } from "@/lib/observable";
import type { DocRecord, RecordRoot, TimelineDocument } from "@/timeline-core/model";
import type { Resolved } from "@/timeline-core/resolved";
import type { Peer } from "./presence";
import type { SaveState } from "./save-state";
import type { Session } from "./session";
import type { UndoState } from "./undo-stack";

const SessionContext = createContext<Session | null>(null);

export const SessionProvider = (props: {
  readonly session: Session;
  readonly children: ReactNode;
}) => <SessionContext value={props.session}>{props.children}</SessionContext>;

/** The open project. */
export const useSession = (): Session => {
  const session = use(SessionContext);
  if (session === null) throw new Error("useSession outside of a SessionProvider");
  return session;
};

/** The value of a small store. */
export const useReadable = <T,>(store: Readable<T>): T =>
  useSyncExternalStore(store.subscribe, store.get);

/** One record, or undefined where there is none; the same object until it changes. */
export const useRecord = (root: RecordRoot, id: string): DocRecord | undefined => {
  const { document } = useSession();
  return useSyncExternalStore(
    useCallback((listener) => document.subscribeRecord(root, id, listener), [document, root, id]),
    () => document.record(root, id),
  );
};

/** Ids in a root map, removed records included. */
export const useIds = (root: RecordRoot): readonly string[] => {
  const { document } = useSession();
  return useSyncExternalStore(
    useCallback((listener) => document.subscribeRoot(root, listener), [document, root]),
    () => document.ids(root),
  );
};

/** The project's own keys: name, main sequence. */
export const useMeta = (): DocRecord => {
  const { document } = useSession();
  return useSyncExternalStore(
    useCallback((listener) => document.subscribeRoot("meta", listener), [document]),
    () => document.snapshot().meta,
  );
};

/** The whole document; drawn again at every change, so only for what shows all of it. */
export const useDocument = (): TimelineDocument => {
  const { document } = useSession();
  return useSyncExternalStore(
    useCallback((listener) => document.subscribe(listener), [document]),
    document.snapshot,
  );
};

/** The resolved timeline of what is on screen. */
export const useResolved = (): Resolved => useReadable(useSession().resolved);

export const useSaveState = (): SaveState => useReadable(useSession().saveState);

/** Other people's tabs in this project. */
export const usePeers = (): readonly Peer[] => useReadable(useSession().presence.peers);

export const useUndoState = (): UndoState => useReadable(useSession().undoStack.state);

/** Whether this person may edit here. */
export const useCanWrite = (): boolean => {
  const role = useReadable(useSession().role);
  return role === "owner" || role === "editor";
};
