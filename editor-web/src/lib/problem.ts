/** A failed call, as the server told it (RFC 9457), or as the network did. */
import { isListOf, isNumber, isShape, isString } from "./guards";

const isTold = isShape(
  { title: isString, status: isNumber },
  {
    type: isString,
    detail: isString,
    instance: isString,
    code: isString,
    id: isString,
    errors: isListOf(isShape({ field: isString, message: isString })),
  },
);

export interface Problem {
  readonly type: string;
  readonly title: string;
  /** The HTTP status; 0 where the server was not reached. */
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  /** Of a refused edit: its refusal code and the record. */
  readonly code?: string | undefined;
  readonly id?: string | undefined;
  readonly errors: readonly { readonly field: string; readonly message: string }[];
  readonly traceId: string;
}

export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail === "" ? problem.title : `${problem.title}: ${problem.detail}`);
    this.name = "ProblemError";
    this.problem = problem;
  }
}

const TRACE_HEADER = "X-Trace-Id";

/** The problem in a failed response's parsed body; any other body still gives its status. */
export const problemOf = (response: Response, body: unknown): Problem => {
  const traceId = response.headers.get(TRACE_HEADER) ?? "";
  if (isTold(body)) {
    const { type = "about:blank", title, status, detail = "", instance = "", errors = [] } = body;
    return { type, title, status, detail, instance, code: body.code, id: body.id, errors, traceId };
  }
  const title = response.statusText === "" ? `HTTP ${response.status}` : response.statusText;
  return { ...localProblem(title), status: response.status, traceId };
};

/** The problem in the body, as text, of an answer that was not fetched. */
export const problemTold = (
  status: number,
  body: string,
  headerOf: (name: string) => string | undefined,
): Problem => {
  const headers = { [TRACE_HEADER]: headerOf(TRACE_HEADER) ?? "" };
  return problemOf(new Response(null, { status, headers }), parsedOrNull(body));
};

const parsedOrNull = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null; // a proxy's page, not a problem
  }
};

/** A problem that no server told. */
export const localProblem = (title: string, detail = ""): Problem => ({
  type: "about:blank",
  title,
  status: 0,
  detail,
  instance: "",
  errors: [],
  traceId: "",
});

/** The problem of a call that never reached the server. */
export const unreachable = (cause: unknown): Problem =>
  localProblem("The server cannot be reached", cause instanceof Error ? cause.message : "");
