/** Exports that run, and those of this visit that ended: over everything, in the way of nothing. */
import { ChevronDown, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { IconButton } from "@/components/ui/button";
import { hasEnded } from "@/lib/api/exports";
import type { Export } from "@/lib/api/types";
import { sayExports } from "@/lib/messages/exports";
import { say } from "@/lib/messages/screens";
import { toast } from "@/lib/toast";
import { ExportRow } from "./export-row";
import { useExports } from "./use-exports";

const words = sayExports;

export const ExportTray = ({ project }: { readonly project: string }) => {
  const query = useExports(project);
  const [dismissed, setDismissed] = useState<ReadonlySet<string>>(new Set());
  const [folded, setFolded] = useState(false);
  const seen = useSeenRunning(query.data ?? []);
  const shown = (query.data ?? []).filter((film) => seen.has(film.id) && !dismissed.has(film.id));
  if (shown.length === 0) return null;
  const running = shown.some((film) => !hasEnded(film));
  return (
    <aside
      aria-label={words.tray}
      className="fixed end-3 top-13 z-30 w-96 max-w-[calc(100vw-24px)] overflow-hidden rounded-panel border border-divider bg-raised shadow-2xl shadow-canvas"
    >
      <header className="flex h-9 items-center gap-1 border-b border-divider ps-3 pe-1">
        <h2 className="flex-1 font-semibold">{words.tray}</h2>
        <IconButton
          label={words.hide}
          icon={ChevronDown}
          aria-expanded={!folded}
          className={folded ? "rotate-180" : ""}
          onClick={() => setFolded(!folded)}
        />
        {!running && (
          <IconButton
            label={say.common.close}
            icon={X}
            onClick={() => setDismissed(new Set([...dismissed, ...shown.map((film) => film.id)]))}
          />
        )}
      </header>
      {!folded && (
        <ul className="max-h-72 overflow-y-auto">
          {shown.map((film) => (
            <ExportRow key={film.id} film={film} project={project} />
          ))}
        </ul>
      )}
    </aside>
  );
};

/** The exports that ran while this page looked; tells when one of them ends. */
function useSeenRunning(films: readonly Export[]): ReadonlySet<string> {
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  const told = useRef(new Set<string>());
  useEffect(() => {
    const running = films.filter((film) => !hasEnded(film)).map((film) => film.id);
    setSeen((before) =>
      running.every((id) => before.has(id)) ? before : new Set([...before, ...running]),
    );
  }, [films]);
  useEffect(() => {
    for (const film of films) {
      if (!seen.has(film.id) || !hasEnded(film) || told.current.has(film.id)) continue;
      told.current.add(film.id);
      if (film.state === "done") toast.success(words.doneToast(film.name));
      if (film.state === "failed")
        toast.error(words.failedToast(film.name), { description: film.problem?.title });
    }
  }, [films, seen]);
  return seen;
}
