/** Transitions at their cuts: which are active, and how far each may reach [timeline-R8]. */
import { compareText, type Findings } from "./diagnostics";
import { type ReadRecord, readParams, valueOr } from "./reading";
import type { Span, TransitionView } from "./resolved";
import { defaultTransitionKind, TRANSITION_KINDS, TRANSITIONS } from "./schema";
import { flicks } from "./time";

/** The spans of one track. */
export interface SpanLane {
  readonly track: string;
  readonly kind: string;
  readonly spans: readonly Span[];
}

/** A place where spans meet; an absent side has no length. */
interface Cut {
  readonly lane: SpanLane;
  readonly at: number;
  readonly leftStart: number;
  readonly rightEnd: number;
}

interface Candidate {
  readonly read: ReadRecord;
  readonly left: string | null;
  readonly right: string | null;
  readonly cut: Cut;
}

type Standing = { readonly lane: SpanLane; readonly spans: Span[] };
type ByClip = ReadonlyMap<string, Standing>;

export const spanEnd = (span: Span): number => span.start + span.duration;

/** The active transitions of a sequence by (at, id), each limited to its spans. */
export const transitionsAtCuts = (
  reads: readonly ReadRecord[],
  lanes: readonly SpanLane[],
  findings: Findings,
): readonly TransitionView[] => {
  if (reads.length === 0) return [];
  const byClip = spansByClip(lanes);
  const winners = new Map<string, Candidate>();
  for (const read of [...reads].sort((left, right) => compareText(left.id, right.id))) {
    const one = candidate(read, byClip, findings);
    if (one === null) continue;
    const place = `${one.cut.at}/${one.cut.lane.track}`;
    const winner = winners.get(place);
    if (winner === undefined) winners.set(place, one);
    else findings.add("transition_duplicate", read.id, winner.read.id);
  }
  return limited([...winners.values()], findings);
};

const spansByClip = (lanes: readonly SpanLane[]): ByClip => {
  const found = new Map<string, Standing>();
  for (const lane of lanes) {
    for (const span of lane.spans) {
      const standing = found.get(span.clip);
      if (standing === undefined) found.set(span.clip, { lane, spans: [span] });
      else standing.spans.push(span);
    }
  }
  return found;
};

const candidate = (read: ReadRecord, byClip: ByClip, findings: Findings): Candidate | null => {
  const left = valueOr(read, "left", TRANSITIONS) as string | null;
  const right = valueOr(read, "right", TRANSITIONS) as string | null;
  const kind = valueOr(read, "kind", TRANSITIONS) as string;
  if (kind !== "" && !TRANSITION_KINDS.has(kind)) {
    findings.add("unknown_kind", read.id, "kind");
    return null;
  }
  const cut = cutOf(left, right, byClip);
  if (cut === null) {
    findings.add("transition_not_at_cut", read.id, `${left ?? ""} | ${right ?? ""}`);
    return null;
  }
  if (cut.lane.kind === "caption") {
    findings.add("wrong_track_kind", read.id, "captions have no transitions");
    return null;
  }
  return { read, left, right, cut };
};

/** The earliest cut of two clips; for one clip the head of its first or the tail of its last span. */
const cutOf = (left: string | null, right: string | null, byClip: ByClip): Cut | null => {
  const before = left === null ? undefined : byClip.get(left);
  const after = right === null ? undefined : byClip.get(right);
  if (left !== null && right !== null) return cutBetween(before, after);
  const first = after?.spans[0];
  if (after !== undefined && first !== undefined) {
    return { lane: after.lane, at: first.start, leftStart: first.start, rightEnd: spanEnd(first) };
  }
  const last = before?.spans.at(-1);
  if (before !== undefined && last !== undefined) {
    const at = spanEnd(last);
    return { lane: before.lane, at, leftStart: last.start, rightEnd: at };
  }
  return null;
};

const cutBetween = (before: Standing | undefined, after: Standing | undefined): Cut | null => {
  if (before === undefined || after === undefined || before.lane !== after.lane) return null;
  const starts = new Map(after.spans.map((span) => [span.start as number, span]));
  for (const span of before.spans) {
    const next = starts.get(spanEnd(span));
    if (next !== undefined) {
      const at = spanEnd(span);
      return { lane: before.lane, at, leftStart: span.start, rightEnd: spanEnd(next) };
    }
  }
  return null;
};

const limited = (
  candidates: readonly Candidate[],
  findings: Findings,
): readonly TransitionView[] => {
  const views: TransitionView[] = [];
  const taken = new Map<string, number>(); // up to where the last transition of a track reaches
  const inOrder = [...candidates].sort(
    (left, right) => left.cut.at - right.cut.at || compareText(left.read.id, right.read.id),
  );
  for (const one of inOrder) {
    const view = viewOf(one, taken.get(one.cut.lane.track) ?? 0, findings);
    if (view === null) continue;
    taken.set(one.cut.lane.track, view.at + view.out_offset);
    views.push(view);
  }
  return views;
};

const viewOf = (one: Candidate, taken: number, findings: Findings): TransitionView | null => {
  const { read, left, right, cut } = one;
  const offset = (key: string): number => valueOr(read, key, TRANSITIONS) as number;
  const wantedIn = left === null ? 0 : offset("in_offset");
  const wantedOut = right === null ? 0 : offset("out_offset");
  const inOffset = Math.min(wantedIn, cut.at - Math.max(taken, cut.leftStart));
  const outOffset = Math.min(wantedOut, cut.rightEnd - cut.at);
  if (inOffset !== wantedIn || outOffset !== wantedOut || inOffset + outOffset === 0) {
    findings.add("transition_shortened", read.id, `${inOffset} + ${outOffset} ticks`);
  }
  if (inOffset + outOffset === 0) return null;
  const kind = kindOf(one, findings);
  const schema = TRANSITION_KINDS.get(kind)?.params ?? new Map();
  return {
    id: read.id,
    track: cut.lane.track,
    left,
    right,
    at: flicks(cut.at),
    in_offset: flicks(inOffset),
    out_offset: flicks(outOffset),
    kind,
    params: readParams(read.params, schema, read.id, findings),
  };
};

const kindOf = ({ read, cut }: Candidate, findings: Findings): string => {
  const kind = valueOr(read, "kind", TRANSITIONS) as string;
  const fitting = defaultTransitionKind(cut.lane.kind);
  if (kind === "") return fitting;
  if (TRANSITION_KINDS.get(kind)?.tracks.includes(cut.lane.kind) === true) return kind;
  findings.add("bad_value", read.id, "kind");
  return fitting;
};
