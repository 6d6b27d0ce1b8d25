/** All projects of this person, the newest change first. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Clapperboard, Ellipsis, Film, Plus, Search } from "lucide-react";
import { type ReactNode, useDeferredValue, useState } from "react";
import { Link } from "wouter";
import { Button } from "@/components/ui/button";
import { FailedCall } from "@/components/ui/failed-call";
import { TextInput } from "@/components/ui/field";
import { Mark } from "@/components/ui/mark";
import { Menu, type MenuItem } from "@/components/ui/menu";
import { Empty, Skeleton, useLate } from "@/components/ui/states";
import { deleteProject, listProjects, renameProject } from "@/lib/api/projects";
import type { Project } from "@/lib/api/types";
import { sayProjects } from "@/lib/messages/pages";
import { say } from "@/lib/messages/screens";
import { useServices } from "@/lib/services";
import { firstPicture } from "./first-picture";
import { DeleteDialog, RenameDialog } from "./project-dialogs";

export const projectsKey = ["projects"] as const;

export type ProjectListProps = {
  readonly onNew: () => void;
  readonly creating: boolean;
  readonly onOpenSample: (() => void) | null;
  readonly account: ReactNode;
};

export const ProjectList = ({ onNew, creating, onOpenSample, account }: ProjectListProps) => {
  const { api } = useServices();
  const [typed, setTyped] = useState("");
  const sought = useDeferredValue(typed.trim().toLocaleLowerCase());
  const query = useInfiniteQuery({
    queryKey: projectsKey,
    queryFn: ({ pageParam }) => listProjects(api, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const projects = query.data?.pages.flatMap((page) => page.items) ?? [];
  const found = projects.filter((project) => project.name.toLocaleLowerCase().includes(sought));
  const late = useLate(query.isPending);
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-6xl flex-col px-6 py-8">
      <header className="mb-6 flex flex-wrap items-center gap-3">
        <Mark size={28} />
        <h1 className="me-auto text-[20px] leading-7 font-semibold">{sayProjects.title}</h1>
        <span className="relative w-56">
          <Search size={14} aria-hidden="true" className="absolute start-2 top-1.5 text-faint" />
          <TextInput
            type="search"
            aria-label={sayProjects.search}
            placeholder={sayProjects.search}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            className="ps-7"
          />
        </span>
        {onOpenSample && (
          <Button icon={Clapperboard} onClick={onOpenSample}>
            {sayProjects.openSample}
          </Button>
        )}
        <Button look="primary" icon={Plus} disabled={creating} onClick={onNew}>
          {creating ? sayProjects.creating : sayProjects.create}
        </Button>
        {account}
      </header>
      {query.isLoadingError && (
        <FailedCall
          error={query.error}
          title={sayProjects.failed}
          onRetry={() => void query.refetch()}
        />
      )}
      {late && <Cards />}
      {query.isSuccess && projects.length === 0 && (
        <Empty
          icon={Film}
          title={sayProjects.empty}
          action={
            <Button look="primary" icon={Plus} onClick={onNew}>
              {sayProjects.create}
            </Button>
          }
        >
          {sayProjects.emptyHint}
        </Empty>
      )}
      {query.isSuccess && projects.length > 0 && found.length === 0 && (
        <Empty icon={Search} title={sayProjects.nothingFound} />
      )}
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(240px,1fr))] gap-4">
        {found.map((project) => (
          <ProjectCard key={project.id} project={project} />
        ))}
      </ul>
      {query.hasNextPage && (
        <Button className="mx-auto mt-6" onClick={() => void query.fetchNextPage()}>
          …
        </Button>
      )}
    </main>
  );
};

const Cards = () => (
  <div className="grid grid-cols-[repeat(auto-fill,minmax(240px,1fr))] gap-4">
    {["a", "b", "c"].map((name) => (
      <Skeleton key={name} className="h-48 rounded-panel" />
    ))}
  </div>
);

const ProjectCard = ({ project }: { readonly project: Project }) => {
  const { api } = useServices();
  const queries = useQueryClient();
  const [open, setOpen] = useState<"rename" | "delete" | null>(null);
  const refresh = () => queries.invalidateQueries({ queryKey: projectsKey });
  const rename = useMutation({
    mutationFn: (name: string) => renameProject(api, project.id, name),
    onSuccess: refresh,
  });
  const remove = useMutation({
    mutationFn: () => deleteProject(api, project.id),
    onSuccess: refresh,
  });
  const items: readonly MenuItem[] = [
    { kind: "item", id: "rename", label: sayProjects.rename, onSelect: () => setOpen("rename") },
    { kind: "seam", id: "seam" },
    {
      kind: "item",
      id: "delete",
      label: sayProjects.delete,
      danger: true,
      onSelect: () => setOpen("delete"),
    },
  ];
  const mayChange = project.role === "owner" || project.role === "editor";
  return (
    <li className="group relative overflow-hidden rounded-panel border border-divider bg-panel transition-colors duration-100 hover:border-control-edge">
      <Link
        href={`/p/${project.id}`}
        aria-label={sayProjects.open(project.name)}
        className="block rounded-panel focus-visible:-outline-offset-2"
      >
        <ProjectPicture project={project} />
        <span className="block px-3 pt-2 pb-3 pe-10">
          <span className="block truncate text-body font-medium text-text">{project.name}</span>
          <span className="block truncate text-dense text-faint">
            {sayProjects.changed(say.common.ago(project.updated_at, Date.now()))} ·{" "}
            {sayProjects.roles[project.role]}
          </span>
        </span>
      </Link>
      {mayChange && (
        <span className="absolute end-2 bottom-3">
          <Menu label={sayProjects.menu(project.name)} items={items} align="end">
            <button
              type="button"
              aria-label={sayProjects.menu(project.name)}
              className="grid size-7 place-items-center rounded-control text-dim hover:bg-hover hover:text-text"
            >
              <Ellipsis size={16} aria-hidden="true" />
            </button>
          </Menu>
        </span>
      )}
      {open === "rename" && (
        <RenameDialog
          name={project.name}
          onSave={(name) => rename.mutate(name)}
          onClose={() => setOpen(null)}
        />
      )}
      {open === "delete" && (
        <DeleteDialog
          name={project.name}
          onDelete={() => remove.mutate()}
          onClose={() => setOpen(null)}
        />
      )}
    </li>
  );
};

/** The first picture of the film, else a quiet strip in the project's own pattern. */
const ProjectPicture = ({ project }: { readonly project: Project }) => {
  const { env } = useServices();
  const [failed, setFailed] = useState(false);
  const picture = useQuery({
    queryKey: ["project-picture", project.id, project.updated_at],
    queryFn: ({ signal }) => firstPicture(env.apiUrl, project.id, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const strip = stripOf(project.id);
  return (
    <span className="relative block aspect-video overflow-hidden bg-canvas">
      {picture.data && !failed ? (
        <img
          src={picture.data}
          alt=""
          loading="lazy"
          onError={() => setFailed(true)}
          className="size-full object-cover"
        />
      ) : (
        <span
          aria-hidden="true"
          className="absolute inset-0 flex flex-col justify-center gap-1.5 px-6"
        >
          {strip.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a fixed picture
            <span key={index} className="flex gap-1">
              {row.map(([token, width], cell) => (
                <span
                  // biome-ignore lint/suspicious/noArrayIndexKey: cells of a fixed picture
                  key={cell}
                  className="h-4 rounded-[3px] opacity-80"
                  style={{ width: `${width}%`, backgroundColor: `var(--color-clip-${token})` }}
                />
              ))}
            </span>
          ))}
        </span>
      )}
    </span>
  );
};

const TOKENS = ["title", "video", "audio"] as const;

/** A small timeline that is always the same for one project. */
function stripOf(id: string): readonly (readonly (readonly [string, number])[])[] {
  let seed = 7;
  for (const letter of id) seed = (seed * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  const next = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) >>> 0;
    return seed / 2 ** 32;
  };
  return TOKENS.map((token, row) => {
    const cells = row === 0 ? 2 : 3 + Math.floor(next() * 2);
    return Array.from({ length: cells }, () => [token, 10 + Math.round(next() * 18)] as const);
  });
}
