/** Stretches of work, newest first: who, when, and what came of it. */
import { Users } from "lucide-react";
import { Button } from "@/components/ui/button";
import { FailedCall } from "@/components/ui/failed-call";
import { Empty, Skeleton, useLate } from "@/components/ui/states";
import { sayHistory } from "@/lib/messages/history";
import { say } from "@/lib/messages/screens";
import { ToldChanges } from "./told-changes";
import { useActivity } from "./use-history";

export const ActivityList = ({ project }: { readonly project: string }) => {
  const query = useActivity(project, true);
  const late = useLate(query.isPending);
  if (query.isLoadingError) {
    return (
      <FailedCall
        error={query.error}
        title={sayHistory.loadFailed}
        onRetry={() => void query.refetch()}
      />
    );
  }
  if (query.isPending) return late ? <Skeleton className="m-3 h-24" /> : null;
  const work = query.data.pages.flatMap((page) => page.items);
  if (work.length === 0) return <Empty icon={Users} title={sayHistory.noWork} />;
  return (
    <>
      <ol aria-label={sayHistory.work}>
        {work.map((stretch) => (
          <li key={stretch.id} className="border-b border-divider px-3 py-2">
            <time dateTime={stretch.ended_at} className="text-dense text-dim">
              {say.common.moment(stretch.ended_at)}
            </time>
            {stretch.parts.map((part) => (
              <ToldChanges key={part.people.map((person) => person.id).join()} told={part} />
            ))}
          </li>
        ))}
      </ol>
      {query.hasNextPage && (
        <div className="p-3">
          <Button onClick={() => void query.fetchNextPage()}>{sayHistory.loadMore}</Button>
        </div>
      )}
    </>
  );
};
