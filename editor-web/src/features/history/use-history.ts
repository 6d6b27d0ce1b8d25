/** What the server keeps of the past, as queries. A version never changes, so it is read once. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import {
  activityKey,
  listActivity,
  listVersions,
  readChanges,
  readVersion,
  versionsKey,
} from "@/lib/api/history";
import { useServices } from "@/lib/services";

const FOR_EVER = Number.POSITIVE_INFINITY;

export function useVersions(project: string) {
  const { api } = useServices();
  return useInfiniteQuery({
    queryKey: versionsKey(project),
    queryFn: ({ pageParam }) => listVersions(api, project, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

export function useActivity(project: string, enabled: boolean) {
  const { api } = useServices();
  return useInfiniteQuery({
    queryKey: activityKey(project),
    queryFn: ({ pageParam }) => listActivity(api, project, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    enabled,
  });
}

/** The timeline as it was; null while nothing is chosen. */
export function useVersionFile(project: string, version: string | null) {
  const { api } = useServices();
  return useQuery({
    queryKey: ["version", project, version],
    queryFn: () => readVersion(api, project, version ?? ""),
    enabled: version !== null,
    staleTime: FOR_EVER,
  });
}

export function useChanges(project: string, version: string, until: "version" | "now") {
  const { api } = useServices();
  return useQuery({
    queryKey: ["version-changes", project, version, until],
    queryFn: () => readChanges(api, project, version, until),
    staleTime: until === "version" ? FOR_EVER : 0,
  });
}
