/** Asks who is here. A welcome key signs the local owner in; without anybody: `/signin`. */
import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, use } from "react";
import { Redirect, useLocation, useSearch } from "wouter";
import { FailedCall } from "@/components/ui/failed-call";
import { fetchMe, signIn } from "@/lib/api/session";
import type { Me } from "@/lib/api/types";
import { say } from "@/lib/messages/screens";
import { ProblemError } from "@/lib/problem";
import { useServices } from "@/lib/services";
import { Opening } from "./opening";

export const meKey = ["me"] as const;

const MeContext = createContext<Me | null>(null);

/** Who is signed in. */
export function useMe(): Me {
  const me = use(MeContext);
  if (!me) throw new Error("useMe outside of SignedIn");
  return me;
}

const WELCOME = /^#welcome=([\w.~-]+)$/;

/** Takes the welcome key out of the address: a fragment stays in history and in screenshots. */
export function takenWelcome(location: Location, history: History): string | null {
  const key = WELCOME.exec(location.hash)?.[1] ?? null;
  if (key !== null) history.replaceState(history.state, "", location.pathname + location.search);
  return key;
}

const isSignedOut = (cause: unknown): boolean =>
  cause instanceof ProblemError && cause.problem.status === 401;

export const SignedIn = ({ children }: { readonly children: ReactNode }) => {
  const { api } = useServices();
  const [path] = useLocation();
  const search = useSearch();
  const me = useQuery({
    queryKey: meKey,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const welcome = takenWelcome(window.location, window.history);
      if (welcome !== null) {
        // A used key is no harm to somebody who is signed in already.
        await signIn(api, { welcome }).catch((cause: unknown) => {
          if (!isSignedOut(cause) && !(cause instanceof ProblemError)) throw cause;
        });
      }
      return fetchMe(api, signal);
    },
  });
  if (me.isPending) return <Opening />;
  if (me.isError && isSignedOut(me.error)) {
    const next = encodeURIComponent(search === "" ? path : `${path}?${search}`);
    return <Redirect to={`/signin?next=${next}`} replace />;
  }
  if (me.isLoadingError) {
    return (
      <main className="flex min-h-dvh">
        <FailedCall error={me.error} title={say.app.opening} onRetry={() => void me.refetch()} />
      </main>
    );
  }
  return <MeContext value={me.data}>{children}</MeContext>;
};
