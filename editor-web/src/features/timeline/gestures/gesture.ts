/**
 * A drag as a value: what was taken, where from, and what it would do if dropped now. Pure: the
 * pointer class feeds it positions, the core turns its intent into changes, nothing is written
 * before the drop [editor-3].
 */
import type { Flicks } from "@/timeline-core/time";
import type { Edge, Hit } from "../model/hit-test";
import { snapShift } from "../model/snapping";
import { type ClipView, endOf, type TimelineView, type TransitionView } from "../model/view-model";

export type Tool = "select" | "blade" | "slip" | "slide";

export type Modifiers = {
  readonly ctrl: boolean;
  readonly shift: boolean;
  readonly alt: boolean;
};

export type Intent =
  | {
      readonly kind: "move";
      readonly clips: readonly string[];
      readonly grabbed: string;
      readonly by: Flicks;
      readonly track: string;
      readonly mode: "overwrite" | "insert";
      readonly copy: boolean;
    }
  | {
      readonly kind: "trim";
      readonly clip: string;
      readonly edge: Edge;
      readonly by: Flicks;
      readonly ripple: boolean;
    }
  | { readonly kind: "roll"; readonly left: string; readonly right: string; readonly by: Flicks }
  | { readonly kind: "slip"; readonly clip: string; readonly by: Flicks }
  | { readonly kind: "slide"; readonly clip: string; readonly by: Flicks }
  | {
      readonly kind: "transition";
      readonly id: string;
      readonly inOffset: Flicks;
      readonly outOffset: Flicks;
    };

export type Grip =
  | {
      readonly kind: "move";
      readonly clip: ClipView;
      readonly clips: readonly string[];
      readonly edges: readonly Flicks[];
      readonly copy: boolean;
    }
  | { readonly kind: "trim"; readonly clip: ClipView; readonly edge: Edge }
  | { readonly kind: "roll"; readonly left: ClipView; readonly right: ClipView }
  | { readonly kind: "slip"; readonly clip: ClipView }
  | { readonly kind: "slide"; readonly clip: ClipView }
  | {
      readonly kind: "transition";
      readonly transition: TransitionView;
      readonly part: "body" | Edge;
    };

/** What a press takes hold of, or null where a drag means a marquee. */
export function gripOf(
  hit: Hit,
  tool: Tool,
  moving: readonly string[],
  view: TimelineView,
  copy: boolean,
): Grip | null {
  switch (hit.kind) {
    case "transition":
      return { kind: "transition", transition: hit.transition, part: hit.part };
    case "edge":
      return { kind: "trim", clip: hit.clip, edge: hit.edge };
    case "roll":
      return { kind: "roll", left: hit.left, right: hit.right };
    case "body":
      if (tool === "slip" || tool === "slide") return { kind: tool, clip: hit.clip };
      return {
        kind: "move",
        clip: hit.clip,
        clips: moving,
        edges: outerEdges(view, hit.clip, moving),
        copy,
      };
    case "gap":
    case "empty":
      return null;
    default:
      return hit satisfies never;
  }
}

/** The grabbed clip's edges and those of the whole set: any of them may snap. */
function outerEdges(
  view: TimelineView,
  grabbed: ClipView,
  moving: readonly string[],
): readonly Flicks[] {
  const wanted = new Set(moving);
  let first = grabbed.start as number;
  let last = endOf(grabbed) as number;
  for (const track of view.tracks) {
    for (const clip of track.clips) {
      if (!wanted.has(clip.id)) continue;
      first = Math.min(first, clip.start);
      last = Math.max(last, endOf(clip));
    }
  }
  return [...new Set([grabbed.start, endOf(grabbed), first, last])] as Flicks[];
}

export type DragInput = {
  /** Time from the press to the pointer, unsnapped. */
  readonly by: Flicks;
  /** The track under the pointer; the grabbed clip's own when it is over none. */
  readonly track: string;
  readonly modifiers: Modifiers;
  readonly snap: boolean;
  readonly rippleSwitch: boolean;
  readonly points: readonly Flicks[];
  readonly reach: Flicks;
};

export type Draft = { readonly intent: Intent; readonly line: Flicks | null };

/** What the drag would do if it were dropped now. */
export function draftOf(grip: Grip, input: DragInput): Draft {
  const ripple = input.modifiers.ctrl !== input.rippleSwitch;
  switch (grip.kind) {
    case "move": {
      const free = input.modifiers.shift ? (0 as Flicks) : input.by;
      const { by, line } = input.modifiers.shift
        ? { by: free, line: null }
        : snapped(grip.edges, input);
      const earliest = Math.min(...grip.edges);
      return {
        line,
        intent: {
          kind: "move",
          clips: grip.clips,
          grabbed: grip.clip.id,
          by: Math.max(by, -earliest) as Flicks,
          track: input.track,
          mode: ripple ? "insert" : "overwrite",
          copy: grip.copy,
        },
      };
    }
    case "trim": {
      const edge = grip.edge === "head" ? grip.clip.start : endOf(grip.clip);
      const { by, line } = snapped([edge], input);
      return { line, intent: { kind: "trim", clip: grip.clip.id, edge: grip.edge, by, ripple } };
    }
    case "roll": {
      const { by, line } = snapped([grip.right.start], input);
      return { line, intent: { kind: "roll", left: grip.left.id, right: grip.right.id, by } };
    }
    case "slip":
      // Pulling right shows earlier pictures, as if the film lay under the clip.
      return { line: null, intent: { kind: "slip", clip: grip.clip.id, by: -input.by as Flicks } };
    case "slide": {
      const { by, line } = snapped([grip.clip.start, endOf(grip.clip)], input);
      return { line, intent: { kind: "slide", clip: grip.clip.id, by } };
    }
    case "transition":
      return { line: null, intent: transitionIntent(grip.transition, grip.part, input.by) };
    default:
      return grip satisfies never;
  }
}

function snapped(edges: readonly Flicks[], input: DragInput): { by: Flicks; line: Flicks | null } {
  if (!input.snap) return { by: input.by, line: null };
  return snapShift(input.points, edges, input.by, input.reach);
}

function transitionIntent(transition: TransitionView, part: "body" | Edge, by: Flicks): Intent {
  const { inOffset, outOffset, id } = transition;
  const clamp = (value: number): Flicks => Math.max(0, value) as Flicks;
  if (part === "head") return { kind: "transition", id, inOffset: clamp(inOffset - by), outOffset };
  if (part === "tail")
    return { kind: "transition", id, inOffset, outOffset: clamp(outOffset + by) };
  // The body slides along the cut and keeps its length.
  const shift = Math.max(-outOffset, Math.min(inOffset, by));
  return {
    kind: "transition",
    id,
    inOffset: clamp(inOffset - shift),
    outOffset: clamp(outOffset + shift),
  };
}

/** The cursor that says what a press here would do. */
export function cursorOf(hit: Hit, tool: Tool): string {
  if (tool === "blade") return hit.kind === "empty" || hit.kind === "gap" ? "default" : "crosshair";
  switch (hit.kind) {
    case "transition":
      return hit.part === "body" ? "grab" : "ew-resize";
    case "edge":
      return hit.edge === "head" ? "w-resize" : "e-resize";
    case "roll":
      return "col-resize";
    case "body":
      return tool === "select" ? "default" : "ew-resize";
    case "gap":
    case "empty":
      return "default";
    default:
      return hit satisfies never;
  }
}
