/** The way in by an OpenID provider, where the server has one: there and back again. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { Button } from "@/components/ui/button";
import { fetchWays, startOpenId } from "@/lib/api/session";
import type { OpenIdStart, WaysIn } from "@/lib/api/types";
import { openIdFaults, saySignIn as words } from "@/lib/messages/pages";
import { useServices } from "@/lib/services";
import { Told } from "./told";

/** What the server offers; undefined until it has said so, and where it does not say. */
export function useWays(): WaysIn | undefined {
  const { api } = useServices();
  return useQuery({
    queryKey: ["ways"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => fetchWays(api, signal),
  }).data;
}

type Fault = keyof typeof openIdFaults;

const isFault = (word: string | null): word is Fault =>
  word !== null && Object.hasOwn(openIdFaults, word);

/** In plain words what the address says of a sign-in that failed; null where it says nothing. */
export const toldFault = (search: string, name: string): string | null => {
  const word = new URLSearchParams(search).get("problem");
  return isFault(word) ? openIdFaults[word](name) : null;
};

/** Leads to the provider; `or` stands between it and the form it belongs to. */
export const OpenIdEntry = ({ label, start }: { label: string; start: OpenIdStart }) => {
  const { api } = useServices();
  const leave = useMutation({
    mutationFn: () => startOpenId(api, start),
    onSuccess: (url) => window.location.assign(url),
  });
  return (
    <div className="mb-3 flex flex-col gap-3">
      <Told error={leave.error} />
      <Button
        className="h-8"
        disabled={leave.isPending || leave.isSuccess}
        onClick={() => leave.mutate()}
      >
        {label}
      </Button>
      <p className="flex items-center gap-2 text-dense text-faint before:h-px before:flex-1 before:bg-divider after:h-px after:flex-1 after:bg-divider">
        {words.or}
      </p>
    </div>
  );
};
