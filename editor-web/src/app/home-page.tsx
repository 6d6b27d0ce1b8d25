/** `/`: the first time straight into the sample, afterwards the projects. `/new`: one more. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { Redirect, useLocation, useSearch } from "wouter";
import { forgetOfflineCopies } from "@/collab/offline-copies";
import { initialsOf } from "@/components/ui/avatar";
import { FailedCall } from "@/components/ui/failed-call";
import { Menu, type MenuItem } from "@/components/ui/menu";
import { ProjectList } from "@/features/projects/project-list";
import { createProject, listProjects } from "@/lib/api/projects";
import { signOut } from "@/lib/api/session";
import type { Project } from "@/lib/api/types";
import { sayProjects } from "@/lib/messages/pages";
import { useServices } from "@/lib/services";
import { hasVisited } from "./names";
import { Opening } from "./opening";
import { useMe } from "./signed-in";

const SAMPLE_NAME = /^sample\b/i; // as the server names it

/** The sample project: the one named so, else the oldest there is. */
const sampleOf = (projects: readonly Project[]): Project | null =>
  projects.find((project) => SAMPLE_NAME.test(project.name)) ?? null;

export const HomePage = () => {
  const { api } = useServices();
  const me = useMe();
  const search = useSearch();
  const [, navigate] = useLocation();
  const first = !hasVisited() && search === "";
  const projects = useQuery({
    queryKey: ["projects", "first"],
    queryFn: () => listProjects(api),
  });
  const create = useNewProject();
  if (me.project) return <Redirect to={`/p/${me.project}`} replace />;
  if (first && projects.isPending) return <Opening />;
  if (first && projects.data) {
    const opened = sampleOf(projects.data.items) ?? projects.data.items.at(-1);
    return <Redirect to={opened ? `/p/${opened.id}` : "/new"} replace />;
  }
  const sample = projects.data ? sampleOf(projects.data.items) : null;
  if (search.includes("sample") && sample) return <Redirect to={`/p/${sample.id}`} replace />;
  return (
    <ProjectList
      onNew={() => create.mutate()}
      creating={create.isPending}
      onOpenSample={sample ? () => navigate(`/p/${sample.id}`) : null}
      account={<Account />}
    />
  );
};

const WORKSPACES_IN_MENU = 5; // the account's page has all of them

/** Who is signed in, the way to what is theirs, and the way out. */
const Account = () => {
  const { api, queries } = useServices();
  const me = useMe();
  const [, navigate] = useLocation();
  const leave = useMutation({
    mutationFn: async () => {
      await signOut(api);
      await forgetOfflineCopies();
    },
    onSuccess: () => {
      queries.clear();
      navigate("/signin", { replace: true });
    },
  });
  const to = (id: string, label: string): MenuItem => ({
    kind: "item",
    id,
    label,
    onSelect: () => navigate(id),
  });
  const items: readonly MenuItem[] = [
    to("/account", sayProjects.myAccount),
    ...me.workspaces
      .slice(0, WORKSPACES_IN_MENU)
      .map(({ id, name }) => to(`/w/${id}`, sayProjects.team(name))),
    { kind: "seam", id: "seam" },
    { kind: "item", id: "out", label: sayProjects.signOut, onSelect: () => leave.mutate() },
  ];
  return (
    <Menu label={sayProjects.account} items={items} align="end">
      <button
        type="button"
        aria-label={`${sayProjects.account}: ${me.name}`}
        className="grid size-7 place-items-center rounded-full bg-hover text-dense font-semibold text-text"
      >
        {initialsOf(me.name)}
      </button>
    </Menu>
  );
};

function useNewProject() {
  const { api, queries } = useServices();
  const [, navigate] = useLocation();
  return useMutation({
    mutationFn: () => createProject(api, { name: sayProjects.untitled }),
    onSuccess: (project) => {
      void queries.invalidateQueries({ queryKey: ["projects"] });
      navigate(`/p/${project.id}`, { replace: true });
    },
  });
}

export const NewPage = () => {
  const create = useNewProject();
  const { mutate, isIdle } = create;
  useEffect(() => {
    if (isIdle) mutate();
  }, [mutate, isIdle]);
  if (!create.isError) return <Opening />;
  return (
    <main className="flex min-h-dvh">
      <FailedCall error={create.error} title={sayProjects.create} onRetry={() => create.mutate()} />
    </main>
  );
};
