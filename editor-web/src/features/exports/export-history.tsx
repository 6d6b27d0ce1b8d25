/** All films of a project, with who made them and when. */
import { Film } from "lucide-react";
import { Dialog } from "@/components/ui/dialog";
import { FailedCall } from "@/components/ui/failed-call";
import { Empty, Skeleton, useLate } from "@/components/ui/states";
import { sayExports } from "@/lib/messages/exports";
import { say } from "@/lib/messages/screens";
import { ExportRow } from "./export-row";
import { useExports } from "./use-exports";

const words = sayExports;

type HistoryProps = { readonly project: string; readonly onClose: () => void };

export const ExportHistory = ({ project, onClose }: HistoryProps) => {
  const query = useExports(project);
  const late = useLate(query.isPending);
  return (
    <Dialog title={words.history} closeLabel={say.common.close} onClose={onClose}>
      {query.isLoadingError && (
        <FailedCall
          error={query.error}
          title={words.history}
          onRetry={() => void query.refetch()}
        />
      )}
      {late && <Skeleton className="h-24" />}
      {query.data?.length === 0 && (
        <Empty icon={Film} title={words.none}>
          {words.noneHint}
        </Empty>
      )}
      {query.data && query.data.length > 0 && (
        <ul className="-m-4">
          {query.data.map((film) => (
            <ExportRow key={film.id} film={film} project={project} />
          ))}
        </ul>
      )}
    </Dialog>
  );
};
