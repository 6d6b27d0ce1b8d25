/** The export click: what, how much of it, and what to look at before. */
import { useQuery } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useResolved, useSaveState } from "@/collab/hooks";
import { Button, ButtonRow } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { FailedCall } from "@/components/ui/failed-call";
import { listPresets } from "@/lib/api/exports";
import { sayExports } from "@/lib/messages/exports";
import { say } from "@/lib/messages/screens";
import { ProblemError } from "@/lib/problem";
import { useServices } from "@/lib/services";
import { useStage } from "@/lib/stage";
import type { Diagnostic, Resolved } from "@/timeline-core/resolved";
import { flicks, TICKS } from "@/timeline-core/time";
import { type FilmChoice, type FilmPlaces, isTooLong, orderOf } from "./film-choice";
import { FilmFields } from "./film-fields";
import { Price } from "./price";
import { isShort, usePaidExport } from "./use-paid-export";

const words = sayExports;

type ExportDialogProps = {
  readonly project: string;
  readonly workspace: string;
  readonly mayBuy: boolean;
  readonly onClose: () => void;
};

const FIRST: FilmChoice = {
  preset: null,
  part: "whole",
  captions: "burn",
  fit: "contain",
  loudness: "timeline",
  poster: false,
};

export const ExportDialog = ({ project, workspace, mayBuy, onClose }: ExportDialogProps) => {
  const { api } = useServices();
  const presets = useQuery({
    queryKey: ["export-presets", project],
    queryFn: () => listPresets(api, project),
  });
  const resolved = useResolved();
  const saved = useSaveState().kind === "saved";
  const places = usePlaces(resolved);
  const [choice, setChoice] = useState<FilmChoice>({
    ...FIRST,
    part: places.ranged ? "range" : "whole",
  });
  const fatal = resolved.diagnostics.some((item) => item.level === "fatal");
  const items = presets.data?.items ?? [];
  const chosen = items.find((item) => item.name === choice.preset) ?? items[0];
  const tooLong = chosen !== undefined && isTooLong(chosen, choice, places, TICKS);
  const possible = !fatal && saved && !tooLong && places.duration > 0;
  const order = possible && chosen ? orderOf(chosen, choice, places) : null;
  const paying = usePaidExport(project, workspace, order, onClose);
  const short = isShort(paying);
  return (
    <Dialog
      title={words.title}
      closeLabel={say.common.close}
      onClose={onClose}
      footer={
        <ButtonRow>
          {!saved && <p className="me-auto text-dense text-warn">{words.waitsForSave}</p>}
          <Button onClick={onClose}>{say.common.cancel}</Button>
          <Button
            look="primary"
            disabled={order === null || paying.pricing || paying.starting || paying.waiting}
            onClick={short ? paying.wait : paying.start}
          >
            {paying.starting ? words.starting : short ? words.startLater : words.start}
          </Button>
        </ButtonRow>
      }
    >
      {presets.isLoadingError ? (
        <FailedCall
          error={presets.error}
          title={words.title}
          onRetry={() => void presets.refetch()}
        />
      ) : (
        <div className="flex flex-col gap-4">
          <FilmFields {...{ items, chosen, choice, setChoice, places, tooLong, resolved }} />
          <Problems resolved={resolved} onShow={onClose} />
          <Price {...{ paying, mayBuy }} />
          {paying.error && <Refusal error={paying.error} />}
        </div>
      )}
    </Dialog>
  );
};

/** Where film, in and out points and playhead stand. */
function usePlaces(resolved: Resolved): FilmPlaces {
  const range = useStage((stage) => stage.range);
  const playhead = useStage((stage) => stage.playhead);
  const duration = resolved.sequences.get(resolved.sequence)?.duration ?? 0;
  const from = Math.max(0, range.from ?? 0);
  const to = Math.min(duration, range.to ?? duration);
  const ranged = (range.from !== null || range.to !== null) && to > from;
  return { duration, playhead: Math.min(playhead, Math.max(0, duration - 1)), from, to, ranged };
}

/** A quote that is over or too low: a new one stands there already. */
const isStale = (error: Error): boolean =>
  error instanceof ProblemError && error.problem.type.endsWith("/quote-stale");

const Refusal = ({ error }: { readonly error: Error }) => (
  <p
    role="alert"
    className="rounded-control border border-bad/60 bg-bad/10 p-2 text-dense text-bad"
  >
    {isStale(error) ? words.priceChanged : error.message}
    {error instanceof ProblemError && error.problem.traceId && (
      <span className="block text-faint">{say.common.trace(error.problem.traceId)}</span>
    )}
  </p>
);

const LOOKS = {
  fatal: [CircleAlert, "text-bad"],
  warning: [TriangleAlert, "text-warn"],
  info: [Info, "text-dim"],
} as const;

type ProblemsProps = { readonly resolved: Resolved; readonly onShow: () => void };

const Problems = ({ resolved, onShow }: ProblemsProps) => {
  const { diagnostics } = resolved;
  const fatal = diagnostics.some((item) => item.level === "fatal");
  if (diagnostics.length === 0) {
    return (
      <p className="flex items-center gap-2 text-dense text-dim">
        <CircleCheck size={14} aria-hidden="true" className="text-ok" />
        {words.noProblems}
      </p>
    );
  }
  return (
    <section
      aria-label={words.problems(diagnostics.length)}
      className="rounded-control border border-divider bg-field"
    >
      <h3 className="border-b border-divider px-3 py-1.5 text-dense font-semibold">
        {fatal ? words.fatal : words.problems(diagnostics.length)}
      </h3>
      <ul className="max-h-44 overflow-y-auto">
        {diagnostics.map((item) => (
          <ProblemRow key={`${item.code}/${item.id}`} {...{ item, resolved, onShow }} />
        ))}
      </ul>
    </section>
  );
};

const ProblemRow = ({ item, resolved, onShow }: ProblemsProps & { readonly item: Diagnostic }) => {
  const [Icon, tone] = LOOKS[item.level];
  const place = placeOf(resolved, item.id);
  return (
    <li className="flex min-h-8 items-center gap-2 px-3 py-1 text-dense">
      <Icon size={14} aria-hidden="true" className={`shrink-0 ${tone}`} />
      <span className="min-w-0 flex-1">{words.diagnostics[item.code] ?? item.code}</span>
      {place !== null && (
        <Button
          small
          look="ghost"
          onClick={() => {
            useStage.getState().select([item.id]);
            useStage.getState().seek(flicks(place));
            onShow();
          }}
        >
          {words.goTo}
        </Button>
      )}
    </li>
  );
};

/** Where a clip or transition stands, in ticks; null for what has no place. */
function placeOf(resolved: Resolved, id: string): number | null {
  const sequence = resolved.sequences.get(resolved.sequence);
  for (const track of sequence?.tracks ?? []) {
    const span = track.spans.find((one) => one.clip === id);
    if (span) return span.start;
  }
  return sequence?.transitions.find((one) => one.id === id)?.at ?? null;
}
