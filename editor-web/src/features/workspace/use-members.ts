/** Who is in a workspace; what changes that asks again. */
import { useQuery } from "@tanstack/react-query";
import { listMembers, membersKey } from "@/lib/api/workspaces";
import { useServices } from "@/lib/services";

export function useMembers(workspace: string) {
  const { api } = useServices();
  return useQuery({
    queryKey: membersKey(workspace),
    queryFn: () => listMembers(api, workspace),
  });
}
