/** What this browser keeps of projects; apart from the session, so that the list of projects needs no CRDT. */
const PREFIX = "cutroom:";

export const offlineCopyOf = (project: string): string => `${PREFIX}${project}`;

/** Deletes what this browser keeps of all projects; at sign-out. */
export const forgetOfflineCopies = async (): Promise<void> => {
  for (const { name = "" } of await indexedDB.databases()) {
    if (name.startsWith(PREFIX)) indexedDB.deleteDatabase(name);
  }
};
