/**
 * Which sequence clips may be followed: no cycles, at most 8 levels [timeline-R7].
 *
 * Judged over all live sequence clips of the document, so the answer is the same from every entry.
 */
export const LEVELS_MAX = 8;
export const SPANS_MAX = 200_000;

type Edges = ReadonlyMap<string, ReadonlySet<string>>;

/** A sequence clip: its id, the sequence it stands in, the one it shows. */
export type Use = readonly [clip: string, source: string, target: string];

const edgesOf = (uses: readonly Use[]): Edges => {
  const edges = new Map<string, Set<string>>();
  for (const [, source, target] of uses) {
    edges.set(source, (edges.get(source) ?? new Set()).add(target));
  }
  return edges;
};

/** For each sequence those that its clips show, directly or through others. */
const reachable = (edges: Edges): Edges => {
  const reached = new Map<string, ReadonlySet<string>>();
  for (const [start, targets] of edges) {
    const seen = new Set<string>();
    const waiting = [...targets];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      waiting.push(...(edges.get(next) ?? []));
    }
    reached.set(start, seen);
  }
  return reached;
};

/** How many levels each sequence holds, itself included; `edges` has no cycle. */
const levels = (edges: Edges): ReadonlyMap<string, number> => {
  const counted = new Map<string, number>();
  // Recursion ends: at most 200 sequences, and cycles are cut before.
  const count = (sequence: string): number => {
    const known = counted.get(sequence);
    if (known !== undefined) return known;
    const held = 1 + Math.max(0, ...[...(edges.get(sequence) ?? [])].map(count));
    counted.set(sequence, held);
    return held;
  };
  for (const sequence of edges.keys()) count(sequence);
  return counted;
};

/** The sequence clips to skip, and why. */
export const refusedNestings = (
  uses: readonly Use[],
): ReadonlyMap<string, "sequence_cycle" | "nested_too_deep"> => {
  const refused = new Map<string, "sequence_cycle" | "nested_too_deep">();
  const reached = reachable(edgesOf(uses));
  for (const [clip, source, target] of uses) {
    if (source === target || reached.get(target)?.has(source) === true) {
      refused.set(clip, "sequence_cycle");
    }
  }
  const held = levels(edgesOf(uses.filter(([clip]) => !refused.has(clip))));
  for (const [clip, , target] of uses) {
    if (!refused.has(clip) && (held.get(target) ?? 1) > LEVELS_MAX) {
      refused.set(clip, "nested_too_deep");
    }
  }
  return refused;
};
