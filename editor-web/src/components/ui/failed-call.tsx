/** A failed call as people should meet it: what, what it means, one action, the trace id. */
import { problemText } from "@/lib/messages/en";
import { ProblemError } from "@/lib/problem";
import { Failure } from "./states";

type FailedCallProps = {
  readonly error: unknown;
  readonly title: string;
  readonly onRetry: () => void;
};

export const FailedCall = ({ error, title, onRetry }: FailedCallProps) => {
  const problem = error instanceof ProblemError ? error.problem : null;
  const told = problem?.status === 0 ? problemText.unreachable() : problem?.title;
  return (
    <Failure
      title={title}
      meaning={told}
      detail={problem?.traceId ? problemText.trace(problem.traceId) : problem?.detail}
      detailLabel={problemText.details()}
      action={{ label: problemText.retry(), onClick: onRetry }}
    />
  );
};
