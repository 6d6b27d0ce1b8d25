/** Every movement of credits, newest first: in words, with what was there after it. */
import { useQuery } from "@tanstack/react-query";
import { ScrollText } from "lucide-react";
import { Button } from "@/components/ui/button";
import { FailedCall } from "@/components/ui/failed-call";
import { Empty, Skeleton, useLate } from "@/components/ui/states";
import { getSpending } from "@/lib/api/credits";
import type { JournalEntry } from "@/lib/api/types";
import { sayCredits as words } from "@/lib/messages/credits";
import { date, number } from "@/lib/messages/figures";
import { useServices } from "@/lib/services";
import { movedIn, placeOf, sizeOf } from "./entries";
import { useJournal } from "./use-wallet";

export const Journal = ({ workspace }: { readonly workspace: string }) => {
  const query = useJournal(workspace);
  const late = useLate(query.isPending);
  if (query.isLoadingError)
    return (
      <FailedCall error={query.error} title={words.journal} onRetry={() => void query.refetch()} />
    );
  if (query.isPending) return late ? <Skeleton className="h-24" /> : null;
  const entries = query.data.pages.flatMap((page) => page.items);
  if (entries.length === 0)
    return (
      <Empty icon={ScrollText} title={words.noEntries}>
        {words.noEntriesHint}
      </Empty>
    );
  return (
    <>
      <table className="w-full border-collapse rounded-panel bg-panel text-start">
        <thead className="text-dense text-dim">
          <tr>
            <th className="px-4 py-2 text-start font-normal">{words.columns.what}</th>
            <th className="px-3 py-2 text-end font-normal">{words.columns.change}</th>
            <th className="px-3 py-2 text-end font-normal">{words.columns.held}</th>
            <th className="px-4 py-2 text-end font-normal">{words.columns.after}</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <Row key={entry.id} entry={entry} />
          ))}
        </tbody>
      </table>
      {query.hasNextPage && (
        <Button
          className="justify-self-center"
          disabled={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {words.earlier}
        </Button>
      )}
    </>
  );
};

const Row = ({ entry }: { readonly entry: JournalEntry }) => {
  const owed = movedIn(entry, "debt");
  return (
    <tr className="border-t border-divider align-top">
      <td className="px-4 py-2">
        {words.did(entry.kind, entry.ref.kind, words.many(sizeOf(entry)))}
        {owed !== 0 && (
          <span className="text-warn"> {words.owed(words.many(Math.abs(owed)), owed > 0)}</span>
        )}
        <span className="block text-dense text-dim">
          {date.format(new Date(entry.created_at))}
          <Place entry={entry} />
          {entry.reason !== null && ` · ${entry.reason}`}
        </span>
      </td>
      <Amount credits={movedIn(entry, "available")} />
      <Amount credits={movedIn(entry, "held")} />
      <td className="px-4 py-2 text-end font-semibold tabular-nums">
        {number.format(entry.after.available)}
      </td>
    </tr>
  );
};

const Amount = ({ credits }: { readonly credits: number }) => (
  <td
    className={`px-3 py-2 text-end tabular-nums ${credits > 0 ? "text-ok" : credits < 0 ? "text-text" : "text-dim"}`}
  >
    {words.signed(credits)}
  </td>
);

/** The way to what an entry is about. */
const Place = ({ entry }: { readonly entry: JournalEntry }) => {
  const place = placeOf(entry);
  if (place === "export") return <FilmLink id={entry.ref.id} />;
  if (place !== "order") return null;
  return (
    <>
      {" · "}
      <a href={`#${entry.ref.id}`} className="underline hover:text-text">
        {words.toOrder}
      </a>
    </>
  );
};

/** Several entries are about one export, which is asked for once; a deleted one has no link. */
const FilmLink = ({ id }: { readonly id: string }) => {
  const { api } = useServices();
  const film = useQuery({
    queryKey: ["exported", id],
    queryFn: () => getSpending(api, id),
    staleTime: Number.POSITIVE_INFINITY,
  }).data;
  if (film === undefined) return null;
  return (
    <>
      {" · "}
      <a href={`/p/${film.project}`} className="underline hover:text-text">
        {film.name}
      </a>
    </>
  );
};
