/** `/p/{project}/history`: versions beside the timeline as it was, and who did what. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ArrowLeft, History, RotateCcw } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";
import { Link, useLocation } from "wouter";
import { SessionProvider } from "@/collab/hooks";
import { openPast } from "@/collab/past";
import { canWrite, type Session } from "@/collab/session";
import { UndoStack, undoKeyOf } from "@/collab/undo-stack";
import { Button } from "@/components/ui/button";
import { FailedCall } from "@/components/ui/failed-call";
import { Empty, Skeleton } from "@/components/ui/states";
import { Tabs } from "@/components/ui/tabs";
import { ActivityList } from "@/features/history/activity-list";
import { NameVersion } from "@/features/history/name-version";
import { RestoreDialog } from "@/features/history/restore-dialog";
import { ChangesOf } from "@/features/history/told-changes";
import { useVersionFile } from "@/features/history/use-history";
import { nameOf, VersionList } from "@/features/history/version-list";
import type { PreviewEngine } from "@/features/preview/engine";
import { PreviewPanel } from "@/features/preview/preview-panel";
import { Timeline } from "@/features/timeline/timeline";
import { useClipNames, useTimelineView } from "@/features/timeline/use-timeline";
import { activityKey, restoreVersion, versionsKey } from "@/lib/api/history";
import { getProject } from "@/lib/api/projects";
import type { Project, TimelineFile, Version } from "@/lib/api/types";
import { CommandProvider } from "@/lib/keys/use-commands";
import { sayHistory } from "@/lib/messages/history";
import { say } from "@/lib/messages/screens";
import { useServices } from "@/lib/services";
import { useStage } from "@/lib/stage";
import { toast } from "@/lib/toast";
import type { Change } from "@/timeline-core/model";
import { TICKS } from "@/timeline-core/time";
import { projectKey } from "./names";
import { Opening } from "./opening";
import { useMe } from "./signed-in";
import { usePlaying } from "./use-playing";

export const HistoryPage = ({ project: id }: { readonly project: string }) => {
  const { api } = useServices();
  const project = useQuery({ queryKey: projectKey(id), queryFn: () => getProject(api, id) });
  if (project.isLoadingError) {
    return (
      <main className="flex min-h-dvh">
        <FailedCall
          error={project.error}
          title={say.app.opening}
          onRetry={() => void project.refetch()}
        />
      </main>
    );
  }
  return project.data ? <Loaded project={project.data} /> : <Opening />;
};

type Part = "versions" | "work";

const Loaded = ({ project }: { readonly project: Project }) => {
  const [part, setPart] = useState<Part>("versions");
  const [version, setVersion] = useState<Version | null>(null);
  return (
    <div className="flex h-dvh min-w-0 flex-col overflow-hidden bg-canvas">
      <header className="flex h-11 shrink-0 items-center gap-2 border-b border-divider bg-panel px-3">
        <Link
          href={`/p/${project.id}`}
          className="inline-flex items-center gap-1.5 rounded-control px-2 py-1 text-body text-dim hover:bg-hover hover:text-text"
        >
          <ArrowLeft size={14} aria-hidden="true" />
          {sayHistory.back}
        </Link>
        <h1 className="text-heading font-semibold">
          {sayHistory.title}: {project.name}
        </h1>
      </header>
      <div className="flex min-h-0 flex-1">
        <aside
          aria-label={sayHistory.list}
          className="flex w-80 shrink-0 flex-col border-e border-divider bg-panel"
        >
          <Tabs
            label={sayHistory.title}
            tabs={[
              { id: "versions", label: sayHistory.title },
              { id: "work", label: sayHistory.work },
            ]}
            shown={part}
            onShow={setPart}
          >
            <div className="min-h-0 flex-1 overflow-y-auto">
              {part === "versions" ? (
                <VersionList
                  project={project.id}
                  chosen={version?.id ?? null}
                  onChoose={setVersion}
                />
              ) : (
                <ActivityList project={project.id} />
              )}
            </div>
          </Tabs>
        </aside>
        <main className="flex min-w-0 flex-1 flex-col">
          {version === null ? (
            <Empty icon={History} title={sayHistory.choose} />
          ) : (
            <Chosen key={version.id} project={project} version={version} onNamed={setVersion} />
          )}
        </main>
      </div>
    </div>
  );
};

type ChosenProps = {
  readonly project: Project;
  readonly version: Version;
  readonly onNamed: (version: Version) => void;
};

const Chosen = ({ project, version, onNamed }: ChosenProps) => {
  const [asking, setAsking] = useState(false);
  const [naming, setNaming] = useState(false);
  const file = useVersionFile(project.id, version.id);
  const restore = useRestore(project, version);
  return (
    <>
      <div className="flex shrink-0 items-start gap-3 border-b border-divider bg-panel px-4 py-3">
        <div className="min-w-0 flex-1">
          <h2 className="text-heading font-semibold">{sayHistory.viewing(nameOf(version))}</h2>
          <h3 className="sr-only">{sayHistory.changes}</h3>
          <div className="max-h-28 overflow-y-auto">
            <ChangesOf project={project.id} version={version.id} until="version" />
          </div>
        </div>
        {canWrite(project.role) && version.kind === "automatic" && (
          <Button onClick={() => setNaming(true)}>{sayHistory.nameThis}</Button>
        )}
        {canWrite(project.role) && (
          <Button
            look="primary"
            icon={RotateCcw}
            disabled={restore.isPending}
            onClick={() => setAsking(true)}
          >
            {restore.isPending ? sayHistory.restoring : sayHistory.restore}
          </Button>
        )}
      </div>
      {file.isLoadingError && (
        <FailedCall
          error={file.error}
          title={sayHistory.versionFailed}
          onRetry={() => void file.refetch()}
        />
      )}
      {file.isPending && <Skeleton className="m-4 h-48" />}
      {file.data && <Past project={project} file={file.data} />}
      {naming && (
        <NameVersion
          project={project.id}
          version={version.id}
          onNamed={onNamed}
          onClose={() => setNaming(false)}
        />
      )}
      {asking && (
        <RestoreDialog
          project={project.id}
          version={version}
          onRestore={() => restore.mutate()}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
};

/** Restores, keeps the edit as the newest step of undo, and goes back to the timeline. */
function useRestore(project: Project, version: Version) {
  const { api } = useServices();
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  return useMutation({
    mutationFn: () => restoreVersion(api, project.id, version.id),
    onSuccess: ({ changes }) => {
      new UndoStack(sessionStorage, undoKeyOf(project.id)).push({
        label: "restore",
        changes: changes as readonly Change[],
      });
      void queries.invalidateQueries({ queryKey: versionsKey(project.id) });
      void queries.invalidateQueries({ queryKey: activityKey(project.id) });
      navigate(`/p/${project.id}`);
      toast.success(sayHistory.restored(nameOf(version)), { description: sayHistory.undoHint });
    },
    onError: () => toast.error(sayHistory.restoreFailed),
  });
}

type PastProps = { readonly project: Project; readonly file: TimelineFile };

/** The timeline as it was: to be looked at and played, not to be written. */
const Past = ({ project, file }: PastProps) => {
  const session = usePast(project, file);
  if (!session) return null;
  return (
    <SessionProvider session={session}>
      <CommandProvider onDigit={nothing}>
        <Panels />
      </CommandProvider>
    </SessionProvider>
  );
};

function usePast(project: Project, file: TimelineFile): Session | null {
  const { catalog } = useServices();
  const me = useMe();
  const [session, setSession] = useState<Session | null>(null);
  useEffect(() => {
    useStage.getState().reset();
    const assets = {
      get: () => catalog.table(),
      subscribe: (listener: () => void) => catalog.subscribe(listener),
    };
    const user = { id: me.id, name: me.name };
    const opened = openPast({ project: project.id, user, assets }, file);
    setSession(opened);
    return () => opened.destroy();
  }, [catalog, project.id, file, me.id, me.name]);
  return session;
}

const Panels = () => {
  const names = useClipNames();
  const built = useTimelineView(names);
  const { view } = built;
  const engine = useRef<PreviewEngine | null>(null);
  const onEngine = useCallback((made: PreviewEngine | null) => {
    engine.current = made;
  }, []);
  usePlaying(engine, view.duration, (TICKS * view.rate.den) / view.rate.num);
  return (
    <>
      <section aria-label={say.preview.region} className="flex min-h-0 flex-1">
        <PreviewPanel onEngine={onEngine} />
      </section>
      <div className="h-72 shrink-0 border-t border-divider">
        <Timeline
          built={built}
          nameOf={names}
          typedDigit={null}
          onFiles={nothing}
          onCanvas={nothing}
          pins={[]}
          onPin={nothing}
          onText={nothing}
        />
      </div>
    </>
  );
};

const nothing = (): void => undefined;
