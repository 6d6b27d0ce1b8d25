/** One export: how far it is, or what came of it. */
import {
  Captions,
  CircleAlert,
  CircleCheck,
  CircleSlash,
  Download,
  Image,
  Link,
  LoaderCircle,
  type LucideIcon,
  Play,
  RotateCcw,
  X,
} from "lucide-react";
import { IconButton } from "@/components/ui/button";
import { Progress } from "@/components/ui/states";
import type { Export } from "@/lib/api/types";
import { sayExports } from "@/lib/messages/exports";
import { say } from "@/lib/messages/screens";
import { toast } from "@/lib/toast";
import { partOf, useCancelExport, useStartExport } from "./use-exports";

const words = sayExports;

type ExportRowProps = { readonly film: Export; readonly project: string };

export const ExportRow = ({ film, project }: ExportRowProps) => (
  <li className="flex flex-col gap-1.5 border-b border-divider px-3 py-2.5 last:border-b-0">
    <div className="flex items-center gap-2">
      <StateIcon film={film} />
      <span className="min-w-0 flex-1">
        <span className="block truncate text-body text-text">{film.name}</span>
        <span className="block truncate text-dense text-faint">
          {words.by(film.requested_by.name, say.common.ago(film.created_at, Date.now()))}
        </span>
      </span>
      <Actions film={film} project={project} />
    </div>
    <State film={film} />
  </li>
);

const StateIcon = ({ film }: { readonly film: Export }) => {
  if (film.state === "done")
    return <CircleCheck size={16} aria-hidden="true" className="text-ok" />;
  if (film.state === "failed")
    return <CircleAlert size={16} aria-hidden="true" className="text-bad" />;
  if (film.state === "cancelled")
    return <CircleSlash size={16} aria-hidden="true" className="text-faint" />;
  return (
    <LoaderCircle size={16} aria-hidden="true" className="text-accent motion-safe:animate-spin" />
  );
};

const State = ({ film }: { readonly film: Export }) => {
  const name = words.states[film.state];
  if (film.state === "failed") {
    return (
      <p className="ps-6 text-dense text-bad">
        {film.problem?.title ?? name}
        {film.problem?.detail && <span className="block text-dim">{film.problem.detail}</span>}
      </p>
    );
  }
  if (film.state === "cancelled") return <p className="ps-6 text-dense text-faint">{name}</p>;
  if (film.state === "done") {
    if (!film.report) return null;
    return (
      <p className="ps-6 text-dense text-faint">
        {words.facts(film.report.frames, film.report.frames_reused)}
      </p>
    );
  }
  const part = partOf(film);
  const { eta_seconds: eta } = film.progress;
  return (
    <div className="ps-6">
      <Progress value={film.progress.total === 0 ? null : part} label={`${film.name}: ${name}`} />
      <p className="mt-1 flex justify-between text-dense text-dim tabular-nums">
        <span>
          {name} · {words.progress(part)}
        </span>
        {eta !== null && <span>{words.left(eta)}</span>}
      </p>
    </div>
  );
};

const Actions = ({ film, project }: ExportRowProps) => {
  const cancel = useCancelExport(project);
  const again = useStartExport(project);
  if (film.state === "failed" || film.state === "cancelled") {
    const body = {
      preset: film.preset,
      ...film.options,
      ...(film.range ? { range: { start: film.range.start, end: film.range.end } } : {}),
    };
    return (
      <IconButton
        label={words.retry}
        icon={RotateCcw}
        disabled={again.isPending}
        onClick={() => again.mutate(body)}
      />
    );
  }
  if (film.state !== "done") {
    return (
      <IconButton
        label={words.cancel}
        icon={X}
        disabled={cancel.isPending}
        onClick={() => cancel.mutate(film.id)}
      />
    );
  }
  const address = film.file ?? `/api/v1/exports/${film.id}/file`;
  const copy = async () => {
    await navigator.clipboard.writeText(new URL(address, location.href).href);
    toast(say.common.copied);
  };
  return (
    <span className="flex items-center gap-0.5">
      <Beside href={film.captions_file} label={words.captionsFile} icon={Captions} />
      <Beside href={film.poster_file} label={words.posterFile} icon={Image} />
      <IconButton label={words.copyLink} icon={Link} onClick={() => void copy()} />
      <IconButton
        label={words.play}
        icon={Play}
        onClick={() => window.open(address, "_blank", "noopener")}
      />
      <a
        href={address}
        download={`${film.name}${film.extension}`}
        className="inline-flex h-7 items-center gap-1.5 rounded-control bg-accent px-3 font-semibold text-body text-on-accent hover:brightness-110"
      >
        <Download size={14} aria-hidden="true" />
        {words.download}
      </a>
    </span>
  );
};

type BesideProps = {
  readonly href: string | null;
  readonly label: string;
  readonly icon: LucideIcon;
};

/** A small file that lies beside the film, where there is one. */
const Beside = ({ href, label, icon: Icon }: BesideProps) =>
  href === null ? null : (
    <a
      href={href}
      download
      aria-label={label}
      title={label}
      className="inline-flex size-7 items-center justify-center rounded-control text-dim hover:bg-hover hover:text-text"
    >
      <Icon size={14} aria-hidden="true" />
    </a>
  );
