/** What went wrong at a door, in a box that is read out. */
import type { ReactNode } from "react";
import { ProblemError } from "@/lib/problem";

export const ToldBox = ({ children }: { readonly children: ReactNode }) => (
  <p
    role="alert"
    className="rounded-control border border-bad/60 bg-bad/10 p-2 text-dense text-bad"
  >
    {children}
  </p>
);

export const Told = ({ error }: { readonly error: Error | null }) => {
  if (!error) return null;
  const gone = error instanceof ProblemError && [401, 403, 404, 410].includes(error.problem.status);
  return (
    <ToldBox>
      {error instanceof ProblemError ? error.problem.title : error.message}
      {gone && error.problem.detail && (
        <span className="block text-dim">{error.problem.detail}</span>
      )}
    </ToldBox>
  );
};
