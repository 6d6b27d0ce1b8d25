/** What becomes of each of one's workspaces, asked when it matters. */
import { useQuery } from "@tanstack/react-query";
import type { Me, Workspace } from "@/lib/api/types";
import { listMembers } from "@/lib/api/workspaces";
import { useServices } from "@/lib/services";
import { type Fate, fateOf } from "./leaving";

export type Fates = Readonly<Record<Fate, readonly Workspace[]>>;

export function useFates({ id: me, workspaces }: Me) {
  const { api } = useServices();
  return useQuery({
    queryKey: ["fates", me],
    gcTime: 0, // somebody may have come or gone since
    queryFn: async (): Promise<Fates> => {
      const fates: Record<Fate, Workspace[]> = { closes: [], stays: [], waits: [] };
      for (const workspace of workspaces) {
        const { items } = await listMembers(api, workspace.id);
        fates[fateOf(items, me)].push(workspace);
      }
      return fates;
    },
  });
}
