/** What the rows of the inspector speak of: some records of one root map. */
import { createContext, use } from "react";
import type { DocRecord } from "@/timeline-core/model";

export type Subject = {
  readonly map: "clips" | "tracks" | "transitions" | "sequences" | "effects";
  readonly ids: readonly string[];
  readonly records: readonly DocRecord[];
  readonly canEdit: boolean;
  /** Whose own time keyframes are counted in, where it is not the record's: `{}` for the sequence's. */
  readonly clock?: DocRecord;
};

const SubjectContext = createContext<Subject | null>(null);

export const SubjectProvider = SubjectContext;

export function useSubject(): Subject {
  const subject = use(SubjectContext);
  if (!subject) throw new Error("a row of the inspector outside of a subject");
  return subject;
}
