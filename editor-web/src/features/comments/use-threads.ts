/** The threads of the project from the server's cache, and what is done to them. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import {
  changeComment,
  listPeople,
  listThreads,
  removeComment,
  replyTo,
  resolveThread,
  startThread,
  threadsKey,
} from "@/lib/api/comments";
import type { NewThread, Reply, Thread } from "@/lib/api/types";
import { ProblemError } from "@/lib/problem";
import { useServices } from "@/lib/services";
import { toast } from "@/lib/toast";

const NONE: readonly Thread[] = [];

export function useThreads(project: string) {
  const { api } = useServices();
  const query = useQuery({
    queryKey: threadsKey(project),
    queryFn: () => listThreads(api, project),
  });
  return { query, threads: query.data ?? NONE };
}

export function usePeopleOf(project: string) {
  const { api } = useServices();
  return useQuery({
    queryKey: ["people", project],
    queryFn: () => listPeople(api, project),
    staleTime: 60_000,
  });
}

export function useThreadActions(project: string) {
  const { api } = useServices();
  const queries = useQueryClient();
  const key = threadsKey(project);
  const put = (thread: Thread): void => {
    queries.setQueryData<readonly Thread[]>(key, (known = NONE) =>
      known.some((one) => one.id === thread.id)
        ? known.map((one) => (one.id === thread.id ? thread : one))
        : [...known, thread],
    );
  };
  const onError = (cause: Error): void => {
    if (cause instanceof ProblemError) {
      toast.error(cause.problem.title, { description: cause.problem.detail });
    } else throw cause;
  };
  const start = useMutation({
    mutationFn: (body: NewThread) => startThread(api, project, body),
    onSuccess: put,
    onError,
  });
  const reply = useMutation({
    mutationFn: ({ thread, ...body }: Reply & { readonly thread: string }) =>
      replyTo(api, project, thread, body),
    onSuccess: put,
    onError,
  });
  const resolve = useMutation({
    mutationFn: ({ thread, resolved }: { thread: string; resolved: boolean }) =>
      resolveThread(api, project, thread, resolved),
    onSuccess: put,
    onError,
  });
  const change = useMutation({
    mutationFn: ({ thread, comment, ...body }: Reply & { thread: string; comment: string }) =>
      changeComment(api, project, thread, comment, body),
    onSuccess: put,
    onError,
  });
  const remove = useMutation({
    mutationFn: ({ thread, comment }: { thread: string; comment: string }) =>
      removeComment(api, project, thread, comment),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
    onError,
  });
  return { start, reply, resolve, change, remove };
}
