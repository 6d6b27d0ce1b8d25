/** The exports of a project: listed once, then kept true by what the server tells. */
import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { cancelExport, getExport, hasEnded, listExports, requestExport } from "@/lib/api/exports";
import type { Export, ExportRequest, Page } from "@/lib/api/types";
import { newId } from "@/lib/ids";
import { useServices } from "@/lib/services";

const POLL_MS = 4_000; // where events are late: a running export is asked after

export const exportsKey = (project: string) => ["exports", project] as const;

/** Newest first. */
export const sortedExports = (items: readonly Export[]): readonly Export[] =>
  [...items].sort((left, right) => (left.created_at < right.created_at ? 1 : -1));

/** Puts an export that the server told of into the list. */
export function putExport(queries: QueryClient, project: string, told: Export): void {
  queries.setQueryData<Page<Export>>(exportsKey(project), (page) => {
    const others = page?.items.filter((item) => item.id !== told.id) ?? [];
    return { items: [...others, told], next_cursor: page?.next_cursor ?? null };
  });
}

export function useExports(project: string) {
  const { api } = useServices();
  return useQuery({
    queryKey: exportsKey(project),
    queryFn: () => listExports(api, project),
    select: (page) => sortedExports(page.items),
    refetchInterval: (query) =>
      query.state.data?.items.some((item) => !hasEnded(item)) ? POLL_MS : false,
  });
}

/** One click orders one film, however often the line breaks: the key is made with the click. */
export function useStartExport(project: string) {
  const { api } = useServices();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ key = newId(), ...body }: ExportRequest & { readonly key?: string }) => {
      const accepted = await requestExport(api, project, body, key);
      return getExport(api, accepted.id);
    },
    onSuccess: (made) => putExport(queries, project, made),
  });
}

export function useCancelExport(project: string) {
  const { api } = useServices();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => cancelExport(api, id),
    onSuccess: (made) => putExport(queries, project, made),
  });
}

/** 0..1 of the frames to encode; a film that is all reused is done at once. */
export function partOf({ state, progress }: Export): number {
  if (state === "done") return 1;
  if (progress.total === 0) return 0;
  return Math.min(1, progress.done / progress.total);
}
