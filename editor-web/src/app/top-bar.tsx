/** The top bar: where one is, whether it is safe, who is here, and the way out: export. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import {
  ChevronLeft,
  Clock3,
  History,
  Keyboard,
  PanelRight,
  Redo2,
  Share2,
  Undo2,
  Upload,
} from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { Link, useLocation } from "wouter";
import { useCanWrite, useSaveState, useUndoState } from "@/collab/hooks";
import { Button, IconButton, Seam } from "@/components/ui/button";
import { Tooltip } from "@/components/ui/tooltip";
import { PeopleBar } from "@/features/presence/people-bar";
import { SaveBadge } from "@/features/presence/save-badge";
import { renameProject } from "@/lib/api/projects";
import type { Project, Role } from "@/lib/api/types";
import { useFirstKey } from "@/lib/keys/choice";
import { useRegistry } from "@/lib/keys/use-commands";
import { say } from "@/lib/messages/screens";
import { useServices } from "@/lib/services";
import { useRested } from "@/lib/use-rested";
import { useTitle } from "@/lib/use-title";
import { type OpenDialog, projectKey } from "./names";
import { useMe } from "./signed-in";

const AboutPrice = lazy(() =>
  import("@/features/exports/about-price").then((module) => ({ default: module.AboutPrice })),
);
const CreditsPill = lazy(() =>
  import("@/features/wallet/credits-pill").then((module) => ({ default: module.CreditsPill })),
);

/** Who sees what there is to spend; the server says it too. */
const spends = (role: Role): boolean => role === "owner" || role === "billing" || role === "editor";

type TopBarProps = {
  readonly project: Project;
  readonly onOpen: (dialog: OpenDialog) => void;
  /** On narrow screens the inspector is a drawer. */
  readonly drawer: boolean;
  readonly onDrawer: () => void;
};

export const TopBar = ({ project, onOpen, drawer, onDrawer }: TopBarProps) => {
  const keyOf = useFirstKey();
  const canEdit = useCanWrite();
  const [, navigate] = useLocation();
  return (
    <header
      data-region="top"
      tabIndex={-1}
      className="flex h-11 shrink-0 items-center gap-1 border-b border-divider bg-panel px-2 outline-none"
    >
      <Tooltip label={say.top.back}>
        <Link
          href="/?list"
          aria-label={say.top.back}
          className="grid size-7 place-items-center rounded-control text-dim hover:bg-hover hover:text-text"
        >
          <ChevronLeft size={18} aria-hidden="true" />
        </Link>
      </Tooltip>
      <ProjectName project={project} canEdit={canEdit} />
      <span className="ms-2">
        <SaveBadge />
      </span>
      {canEdit && (
        <>
          <Seam />
          <UndoButtons />
        </>
      )}
      <span className="flex-1" />
      <PeopleBar />
      <span className="w-1" />
      {spends(project.role) && (
        <Suspense>
          <CreditsPill workspace={project.workspace} />
        </Suspense>
      )}
      <IconButton
        label={say.top.help}
        keys={keyOf("project.shortcuts")}
        icon={Keyboard}
        onClick={() => onOpen("shortcuts")}
      />
      <IconButton
        label={say.top.versions}
        icon={History}
        onClick={() => navigate(`/p/${project.id}/history`)}
      />
      <IconButton label={say.top.history} icon={Clock3} onClick={() => onOpen("history")} />
      <IconButton
        label={say.panels.inspector}
        icon={PanelRight}
        pressed={drawer}
        className="lg:hidden"
        onClick={onDrawer}
      />
      {project.role === "owner" && (
        <Button look="ghost" icon={Share2} onClick={() => onOpen("share")}>
          {say.top.share}
        </Button>
      )}
      {canEdit && <ExportButton project={project.id} onOpen={() => onOpen("export")} />}
    </header>
  );
};

type ExportButtonProps = { readonly project: string; readonly onOpen: () => void };

const ExportButton = ({ project, onOpen }: ExportButtonProps) => {
  const keyOf = useFirstKey();
  const rested = useRested();
  const isGuest = useMe().kind === "guest";
  const saved = useSaveState().kind === "saved";
  const waits = saved ? undefined : say.top.exportWaits;
  return (
    <Tooltip
      label={say.top.export}
      keys={keyOf("project.export")}
      reason={isGuest ? say.top.exportAsks : waits}
    >
      <Button look="primary" icon={Upload} aria-disabled={isGuest || undefined} onClick={onOpen}>
        {say.top.export}
        {rested && !isGuest && (
          <Suspense>
            <AboutPrice project={project} />
          </Suspense>
        )}
      </Button>
    </Tooltip>
  );
};

const UndoButtons = () => {
  const keyOf = useFirstKey();
  const registry = useRegistry();
  const { undo, redo } = useUndoState();
  return (
    <>
      <IconButton
        label={say.command["edit.undo"]}
        keys={keyOf("edit.undo")}
        icon={Undo2}
        disabled={undo.length === 0}
        onClick={() => registry.run("edit.undo")}
      />
      <IconButton
        label={say.command["edit.redo"]}
        keys={keyOf("edit.redo")}
        icon={Redo2}
        disabled={redo.length === 0}
        onClick={() => registry.run("edit.redo")}
      />
    </>
  );
};

const ProjectName = ({
  project,
  canEdit,
}: {
  readonly project: Project;
  readonly canEdit: boolean;
}) => {
  const { api } = useServices();
  const queries = useQueryClient();
  const [typed, setTyped] = useState<string | null>(null);
  const rename = useMutation({
    mutationFn: (name: string) => renameProject(api, project.id, name),
    onSuccess: (renamed) => queries.setQueryData(projectKey(project.id), renamed),
  });
  const shown = rename.isPending ? rename.variables : project.name;
  useTitle(shown);
  if (!canEdit) return <h1 className="truncate px-1.5 font-semibold">{shown}</h1>;
  const commit = () => {
    const name = typed?.trim() ?? "";
    setTyped(null);
    if (name !== "" && name !== project.name) rename.mutate(name);
  };
  const value = typed ?? shown;
  return (
    <h1 className="min-w-0">
      <input
        type="text"
        aria-label={say.top.projectName}
        maxLength={200}
        value={value}
        onFocus={(event) => event.target.select()}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.currentTarget.blur();
          if (event.key !== "Escape") return;
          setTyped(null);
          const field = event.currentTarget;
          requestAnimationFrame(() => field.blur());
        }}
        className="field-sizing-content h-7 max-w-72 min-w-24 truncate rounded-control border border-transparent bg-transparent px-1.5 font-semibold hover:bg-hover focus-visible:border-accent focus-visible:bg-field focus-visible:outline-offset-0"
      />
    </h1>
  );
};
