/** Versions, newest first: when, by whom, under which name. One is chosen to be looked at. */
import { History } from "lucide-react";
import { Button } from "@/components/ui/button";
import { classNames } from "@/components/ui/class-names";
import { FailedCall } from "@/components/ui/failed-call";
import { Empty, Skeleton, useLate } from "@/components/ui/states";
import type { Version } from "@/lib/api/types";
import { sayHistory } from "@/lib/messages/history";
import { say } from "@/lib/messages/screens";
import { useVersions } from "./use-history";

type VersionListProps = {
  readonly project: string;
  readonly chosen: string | null;
  readonly onChoose: (version: Version) => void;
};

/** What a version is called where people see it. */
export const nameOf = ({ kind, name }: Version): string =>
  kind === "named" ? name : name === "" ? sayHistory.automatic : sayHistory.reason(name);

export const VersionList = ({ project, chosen, onChoose }: VersionListProps) => {
  const query = useVersions(project);
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
  const versions = query.data.pages.flatMap((page) => page.items);
  if (versions.length === 0) {
    return (
      <Empty icon={History} title={sayHistory.none}>
        {sayHistory.noneHint}
      </Empty>
    );
  }
  return (
    <>
      <ul aria-label={sayHistory.list}>
        {versions.map((version) => (
          <li key={version.id}>
            <Row
              version={version}
              chosen={version.id === chosen}
              onChoose={() => onChoose(version)}
            />
          </li>
        ))}
      </ul>
      {query.hasNextPage && (
        <div className="p-3">
          <Button onClick={() => void query.fetchNextPage()}>{sayHistory.loadMore}</Button>
        </div>
      )}
    </>
  );
};

type RowProps = {
  readonly version: Version;
  readonly chosen: boolean;
  readonly onChoose: () => void;
};

const Row = ({ version, chosen, onChoose }: RowProps) => (
  <button
    type="button"
    aria-current={chosen ? "true" : undefined}
    onClick={onChoose}
    className={classNames(
      "flex w-full flex-col items-start gap-0.5 border-b border-divider px-3 py-2 text-start hover:bg-hover",
      chosen && "bg-hover",
    )}
  >
    <span className={classNames("text-body", version.kind === "named" && "font-semibold")}>
      {nameOf(version)}
    </span>
    <span className="text-dense text-dim">
      <time dateTime={version.created_at}>{say.common.moment(version.created_at)}</time>{" "}
      {version.author.id !== "" && sayHistory.by(version.author.name)}
    </span>
  </button>
);
