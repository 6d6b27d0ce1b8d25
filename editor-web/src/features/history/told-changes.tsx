/** Who changed what, in words. */
import { FailedCall } from "@/components/ui/failed-call";
import { Skeleton, useLate } from "@/components/ui/states";
import type { VersionChanges } from "@/lib/api/types";
import { sayHistory } from "@/lib/messages/history";
import { useChanges } from "./use-history";

type ToldProps = { readonly told: VersionChanges };

export const ToldChanges = ({ told }: ToldProps) => (
  <>
    {told.people.length > 0 && (
      <p className="text-dense text-dim">{told.people.map((person) => person.name).join(", ")}</p>
    )}
    {told.changes.length === 0 ? (
      <p className="text-dense text-dim">{sayHistory.nothing}</p>
    ) : (
      <ul className="list-disc ps-5 text-body">
        {told.changes.map((change) => (
          <li key={`${change.text} ${change.ids.join()}`}>{change.text}</li>
        ))}
        {told.more > 0 && <li className="text-dim">{sayHistory.more(told.more)}</li>}
      </ul>
    )}
  </>
);

type VersionChangesProps = {
  readonly project: string;
  readonly version: string;
  readonly until: "version" | "now";
};

export const ChangesOf = ({ project, version, until }: VersionChangesProps) => {
  const query = useChanges(project, version, until);
  const late = useLate(query.isPending);
  if (query.isLoadingError) {
    return (
      <FailedCall
        error={query.error}
        title={sayHistory.changesFailed}
        onRetry={() => void query.refetch()}
      />
    );
  }
  if (query.isPending) return late ? <Skeleton className="h-12" /> : null;
  return <ToldChanges told={query.data} />;
};
