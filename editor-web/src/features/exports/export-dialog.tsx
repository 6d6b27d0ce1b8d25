/** The export click: what, how much of it, and what to look at before. */
import { useQuery } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useResolved, useSaveState } from "@/collab/hooks";
import { Button, ButtonRow } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { FailedCall } from "@/components/ui/failed-call";
import { Field, Select } from "@/components/ui/field";
import { listPresets } from "@/lib/api/exports";
import { sayExports } from "@/lib/messages/exports";
import { say } from "@/lib/messages/screens";
import { ProblemError } from "@/lib/problem";
import { useServices } from "@/lib/services";
import { useStage } from "@/lib/stage";
import type { Diagnostic, Resolved } from "@/timeline-core/resolved";
import { flicks, rate, timecode } from "@/timeline-core/time";
import { useStartExport } from "./use-exports";

const words = sayExports;

type ExportDialogProps = { readonly project: string; readonly onClose: () => void };

export const ExportDialog = ({ project, onClose }: ExportDialogProps) => {
  const { api } = useServices();
  const presets = useQuery({ queryKey: ["export-presets"], queryFn: () => listPresets(api) });
  const start = useStartExport(project);
  const resolved = useResolved();
  const saved = useSaveState().kind === "saved";
  const range = useStage((stage) => stage.range);
  const sequence = resolved.sequences.get(resolved.sequence);
  const duration = sequence?.duration ?? 0;
  const from = Math.max(0, range.from ?? 0);
  const to = Math.min(duration, range.to ?? duration);
  const ranged = (range.from !== null || range.to !== null) && to > from;
  const [preset, setPreset] = useState<string | null>(null);
  const [part, setPart] = useState<"whole" | "range">(ranged ? "range" : "whole");
  const fatal = resolved.diagnostics.some((item) => item.level === "fatal");
  const chosen = preset ?? presets.data?.items[0]?.name ?? null;
  const grid = rate(sequence?.fps_num ?? 30, sequence?.fps_den ?? 1);
  const code = (ticks: number): string => timecode(flicks(ticks), grid);
  const click = () => {
    if (chosen === null) return;
    const body = {
      preset: chosen,
      ...(part === "range" && ranged ? { range: { start: from, end: to } } : {}),
    };
    start.mutate(body, { onSuccess: onClose });
  };
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
            disabled={fatal || !saved || start.isPending || chosen === null || duration === 0}
            onClick={click}
          >
            {start.isPending ? words.starting : words.start}
          </Button>
        </ButtonRow>
      }
    >
      {presets.isError ? (
        <FailedCall
          error={presets.error}
          title={words.title}
          onRetry={() => void presets.refetch()}
        />
      ) : (
        <div className="flex flex-col gap-4">
          <Field label={words.preset}>
            {(id) => (
              <Select
                id={id}
                value={chosen ?? ""}
                onChange={(event) => setPreset(event.target.value)}
              >
                {presets.data?.items.map((item) => (
                  <option key={item.name} value={item.name}>
                    {item.title}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field label={words.range}>
            {(id) => (
              <Select
                id={id}
                value={part}
                onChange={(event) => setPart(event.target.value as "whole" | "range")}
              >
                <option value="whole">{words.whole(code(duration))}</option>
                {ranged && <option value="range">{words.inOut(code(to - from))}</option>}
              </Select>
            )}
          </Field>
          <Problems resolved={resolved} onShow={onClose} />
          {start.isError && <Refusal error={start.error} />}
        </div>
      )}
    </Dialog>
  );
};

const Refusal = ({ error }: { readonly error: Error }) => (
  <p
    role="alert"
    className="rounded-control border border-bad/60 bg-bad/10 p-2 text-dense text-bad"
  >
    {error.message}
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
