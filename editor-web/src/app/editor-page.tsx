/** `/p/{project}`: opens the project, and keeps its document and line outside of what is drawn. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { SessionProvider, useReadable } from "@/collab/hooks";
import { Session } from "@/collab/session";
import { FailedCall } from "@/components/ui/failed-call";
import { getProject, runCommands } from "@/lib/api/projects";
import { fetchMe } from "@/lib/api/session";
import type { Project } from "@/lib/api/types";
import { newId } from "@/lib/ids";
import { say } from "@/lib/messages/screens";
import { useServices } from "@/lib/services";
import { useStage } from "@/lib/stage";
import { Editor } from "./editor";
import { markVisited, projectKey } from "./names";
import { Opening } from "./opening";
import { useMe } from "./signed-in";

type EditorPageProps = { readonly project: string; readonly part?: string | undefined };

export const EditorPage = ({ project: id, part }: EditorPageProps) => {
  const { api } = useServices();
  const project = useQuery({ queryKey: projectKey(id), queryFn: () => getProject(api, id) });
  const session = useOpenSession(project.data ?? null);
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
  if (!project.data || !session) return <Opening />;
  return (
    <SessionProvider session={session}>
      <Loaded session={session} project={project.data} part={part} />
    </SessionProvider>
  );
};

type LoadedProps = {
  readonly session: Session;
  readonly project: Project;
  readonly part?: string | undefined;
};

const Loaded = ({ session, project, part }: LoadedProps) => {
  const loaded = useReadable(session.loaded);
  useEffect(() => markVisited(), []);
  useEffect(() => {
    if (loaded) session.prepare();
  }, [session, loaded]);
  return loaded ? <Editor project={project} part={part} /> : <Opening />;
};

/** The session lives as long as the page shows this project, whatever is drawn meanwhile. */
function useOpenSession(project: Project | null): Session | null {
  const { api, catalog, env } = useServices();
  const me = useMe();
  const [session, setSession] = useState<Session | null>(null);
  const id = project?.id;
  const role = project?.role;
  useEffect(() => {
    if (id === undefined || role === undefined) return;
    useStage.getState().reset();
    const opened = new Session({
      project: id,
      user: { id: me.id, name: me.name },
      role,
      collabUrl: env.collabUrl,
      assets: { get: () => catalog.table(), subscribe: (listener) => catalog.subscribe(listener) },
      newId,
      send: (body) => runCommands(api, id, body),
      storage: sessionStorage,
      renewed: () =>
        fetchMe(api).then(
          () => true,
          () => false,
        ),
    });
    setSession(opened);
    const leave = (event: BeforeUnloadEvent): void => {
      if (opened.wouldLoseWork()) event.preventDefault();
    };
    window.addEventListener("beforeunload", leave);
    return () => {
      window.removeEventListener("beforeunload", leave);
      setSession(null);
      opened.destroy();
    };
  }, [api, catalog, env, id, role, me.id, me.name]);
  return session;
}
