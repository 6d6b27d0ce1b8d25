/**
 * Hands on the timeline: presses, drags, wheel. A drag is a draft that follows the pointer and is
 * committed once, at the drop; Esc puts everything back [editor-3].
 */
import type { Stage } from "@/lib/stage";
import { type Flicks, flicks, snapped, timecode } from "@/timeline-core/time";
import { cursorOf, type Draft, draftOf, type Grip, gripOf, type Intent } from "./gestures/gesture";
import { clipsTouching, type Hit, hitTest } from "./model/hit-test";
import { nearestRow, RULER_HEIGHT, rowAt } from "./model/rows";
import { SNAP_PIXELS, snapPoints } from "./model/snapping";
import { trimPictures } from "./model/trim-pictures";
import { rangeBetween, withLinks } from "./model/view-model";
import { scrolledTo, toSpan, toTime, toX, zoomedAt } from "./model/viewport";
import { PIN_MIDDLE, PIN_RADIUS } from "./paint/paint-ruler";
import {
  changeOf,
  clipsOf,
  dragOf,
  type Planned,
  type PointerPort,
  type PresencePart,
} from "./pointer-port";
import { STILL, type TimelineCanvas } from "./timeline-canvas";

type Point = { readonly x: number; readonly y: number };
type Press = {
  readonly hit: Hit;
  readonly at: Point;
  readonly time: Flicks;
  readonly alt: boolean;
};

type Activity =
  | { readonly kind: "idle" }
  | { readonly kind: "pressed"; readonly press: Press }
  | { readonly kind: "scrub" }
  | { readonly kind: "pan"; readonly last: Point }
  | {
      readonly kind: "marquee";
      readonly from: Point;
      readonly kept: readonly string[];
      readonly time: Flicks;
    }
  | {
      readonly kind: "drag";
      readonly grip: Grip;
      readonly time: Flicks;
      readonly points: readonly Flicks[];
      readonly draft: Draft | null;
      readonly refused: boolean;
    };

const DRAG_THRESHOLD = 4; // pixels before a press becomes a drag
const EDGE_SCROLL_ZONE = 28;
const WHEEL_ZOOM = 0.0022;
const IDLE: Activity = { kind: "idle" };

export class TimelinePointer {
  readonly #canvas: TimelineCanvas;
  readonly #port: PointerPort;
  readonly #abort = new AbortController();
  #activity: Activity = IDLE;
  #pointer: PointerEvent | null = null;
  #anchor: string | null = null;
  #frame = 0;
  #released = false;

  constructor(canvas: TimelineCanvas, port: PointerPort) {
    this.#canvas = canvas;
    this.#port = port;
    const { host } = canvas;
    const { signal } = this.#abort;
    host.addEventListener("pointerdown", (event) => this.#down(event), { signal });
    host.addEventListener("pointermove", (event) => this.#move(event), { signal });
    host.addEventListener("pointerup", (event) => this.#up(event), { signal });
    host.addEventListener("pointercancel", () => this.cancel(), { signal });
    host.addEventListener("pointerleave", () => this.#leave(), { signal });
    host.addEventListener("wheel", (event) => this.#wheel(event), { signal, passive: false });
    host.addEventListener("contextmenu", (event) => this.#menu(event), { signal });
    host.addEventListener("dblclick", (event) => this.#double(event), { signal });
    window.addEventListener("keydown", (event) => this.#key(event), { signal, capture: true });
    window.addEventListener("keyup", (event) => this.#modifier(event), { signal, capture: true });
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame);
    this.#abort.abort();
  }

  get dragging(): boolean {
    return this.#activity.kind === "drag";
  }

  /** Puts everything back as if the press had not been. */
  cancel(): void {
    this.#activity = IDLE;
    this.#canvas.showTransient(STILL);
    this.#port.presence({ drag: null });
    this.#port.trimView(null);
  }

  #place(event: PointerEvent | MouseEvent): Point {
    const { left, top } = this.#canvas.host.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top - RULER_HEIGHT };
  }

  #content(point: Point): Point {
    return { x: point.x, y: point.y + this.#canvas.viewport.scrollY };
  }

  #hit(point: Point): Hit {
    const selected = new Set(this.#port.stage().selection);
    return hitTest(this.#canvas.rows, this.#canvas.viewport, this.#content(point), selected);
  }

  #frameAt(point: Point): Flicks {
    const at = snapped(toTime(this.#canvas.viewport, point.x), this.#canvas.view.rate);
    return flicks(Math.max(0, at));
  }

  #down(event: PointerEvent): void {
    if (event.button === 2 || this.#activity.kind !== "idle") return;
    const point = this.#place(event);
    this.#canvas.host.setPointerCapture(event.pointerId);
    this.#pointer = event;
    if (event.button === 1) {
      event.preventDefault();
      this.#activity = { kind: "pan", last: { x: event.clientX, y: event.clientY } };
      return;
    }
    if (point.y < 0) this.#pressRuler(point);
    else this.#pressTracks(point, event);
  }

  #pressTracks(point: Point, event: PointerEvent): void {
    const hit = this.#hit(point);
    if (this.#port.stage().tool === "blade") {
      this.#blade(hit, point, event.shiftKey);
      return;
    }
    this.#pressed(hit, event);
    const time = toTime(this.#canvas.viewport, point.x);
    this.#activity = { kind: "pressed", press: { hit, at: point, time, alt: event.altKey } };
  }

  #pressRuler(point: Point): void {
    const pin = this.#pinAt(point);
    if (pin !== null) {
      this.#port.openPin(pin);
      return;
    }
    this.#activity = { kind: "scrub" };
    this.#scrub(point);
  }

  /** The comment whose bubble is under the pointer; `y` counts from below the ruler. */
  #pinAt({ x, y }: Point): string | null {
    if (y + RULER_HEIGHT > PIN_MIDDLE + PIN_RADIUS) return null;
    const { viewport, pins } = this.#canvas;
    const near = pins.findLast((pin) => Math.abs(toX(viewport, pin.at) - x) <= PIN_RADIUS + 1);
    return near?.id ?? null;
  }

  #scrub(point: Point): void {
    const { viewport, view } = this.#canvas;
    const marker = view.markers.find((one) => Math.abs(toX(viewport, one.at) - point.x) <= 5);
    this.#port.seek(marker ? marker.at : this.#frameAt(point));
  }

  #blade(hit: Hit, point: Point, all: boolean): void {
    if (!this.#port.mayEdit()) return;
    const clip = hit.kind === "body" || hit.kind === "edge" ? hit.clip : null;
    if (clip || all) this.#port.splitAt(all ? null : clip, this.#frameAt(point));
  }

  /** Selection changes at the press, so that what is dragged is what is selected. */
  #pressed(hit: Hit, event: PointerEvent): void {
    this.#port.selectGap(null);
    const { selection, linked } = this.#port.stage();
    if (hit.kind === "transition") {
      this.#port.select([hit.transition.id]);
      return;
    }
    const clip =
      hit.kind === "roll" ? hit.left : hit.kind === "body" || hit.kind === "edge" ? hit.clip : null;
    if (!clip) return;
    const set = linked ? withLinks(this.#canvas.view, [clip.id]) : [clip.id];
    if (event.ctrlKey || event.metaKey) {
      const rest = selection.filter((id) => !set.includes(id));
      this.#port.select(selection.includes(clip.id) ? rest : [...selection, ...set]);
      return;
    }
    if (event.shiftKey && this.#anchor !== null && hit.kind === "body") {
      const between = rangeBetween(this.#canvas.view, this.#anchor, clip.id);
      this.#port.select(linked ? withLinks(this.#canvas.view, between) : between);
      return;
    }
    this.#anchor = clip.id;
    if (!selection.includes(clip.id)) this.#port.select(set);
  }

  #move(event: PointerEvent): void {
    this.#pointer = event;
    const point = this.#place(event);
    const activity = this.#activity;
    if (activity.kind === "idle") this.#hover(point);
    else if (activity.kind === "pressed") this.#maybeDrag(activity.press, point);
    else if (activity.kind === "scrub") this.#scrub(point);
    else if (activity.kind === "pan") this.#pan(activity.last, event);
    else this.#schedule();
  }

  #maybeDrag(press: Press, point: Point): void {
    const far = Math.hypot(point.x - press.at.x, point.y - press.at.y);
    if (far < DRAG_THRESHOLD) return;
    const { selection, tool } = this.#port.stage();
    const { view } = this.#canvas;
    const grip = this.#port.mayEdit() ? gripOf(press.hit, tool, selection, view, press.alt) : null;
    if (!grip) {
      const kept = this.#pointer?.ctrlKey ? selection : [];
      this.#activity = { kind: "marquee", from: this.#content(press.at), kept, time: press.time };
      this.#schedule();
      return;
    }
    const { playhead, range } = this.#port.stage();
    const extras = { playhead, rangeIn: range.from, rangeOut: range.to };
    const points = snapPoints(view, new Set(clipsOf(grip)), extras);
    this.#activity = { kind: "drag", grip, time: press.time, points, draft: null, refused: false };
    this.#schedule();
  }

  #schedule(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#step();
    });
  }

  /** One frame of a drag or a marquee; goes on by itself while the pointer rests at an edge. */
  #step(): void {
    if (!this.#pointer) return;
    const point = this.#place(this.#pointer);
    if (this.#activity.kind === "marquee") this.#marquee(this.#activity, point);
    else if (this.#activity.kind === "drag") this.#drag(this.#activity, point);
    else return;
    if (!this.#released && this.#scrollAtEdges(point)) this.#schedule();
  }

  #scrollAtEdges(point: Point): boolean {
    const { width, height } = this.#canvas.viewport;
    const push = (at: number, size: number): number =>
      at < EDGE_SCROLL_ZONE
        ? Math.max(-16, (at - EDGE_SCROLL_ZONE) / 2)
        : at > size - EDGE_SCROLL_ZONE
          ? Math.min(16, (at - size + EDGE_SCROLL_ZONE) / 2)
          : 0;
    const acrossX = push(point.x, width);
    const downY = point.y < 0 ? 0 : push(point.y, height);
    if (acrossX === 0 && downY === 0) return false;
    return this.#scrollBy(acrossX, downY);
  }

  #scrollBy(x: number, y: number): boolean {
    const { viewport } = this.#canvas;
    const from = scrolledTo(viewport, viewport.from + toSpan(viewport, x)).from;
    const top = Math.min(this.#canvas.scrollMax, Math.max(0, viewport.scrollY + y));
    if (from === viewport.from && top === viewport.scrollY) return false;
    this.#port.setView({ from, top: top as Stage["view"]["top"] });
    return true;
  }

  #marquee(activity: Extract<Activity, { kind: "marquee" }>, point: Point): void {
    const { viewport, rows, view } = this.#canvas;
    const now = this.#content(point);
    const x0 = toX(viewport, activity.time);
    const box = { x0, y0: activity.from.y, x1: now.x, y1: now.y };
    const touched = clipsTouching(rows, viewport, box);
    const found = this.#port.stage().linked ? withLinks(view, touched) : touched;
    this.#port.select([...activity.kept, ...found]);
    this.#canvas.showTransient({
      marquee: {
        x: Math.min(x0, now.x),
        top: Math.min(box.y0, box.y1) - viewport.scrollY,
        width: Math.abs(now.x - x0),
        height: Math.abs(box.y1 - box.y0),
      },
    });
  }

  #drag(activity: Extract<Activity, { kind: "drag" }>, point: Point): void {
    const { viewport } = this.#canvas;
    const { snap, ripple } = this.#port.stage();
    const alt = this.#pointer?.altKey ?? false;
    const copying = activity.grip.kind === "move" && activity.grip.copy;
    const draft = draftOf(activity.grip, {
      by: flicks(toTime(viewport, point.x) - activity.time),
      track: this.#targetTrack(activity.grip, point),
      modifiers: {
        ctrl: (this.#pointer?.ctrlKey || this.#pointer?.metaKey) ?? false,
        shift: this.#pointer?.shiftKey ?? false,
        alt,
      },
      snap: snap && (!alt || copying),
      rippleSwitch: ripple,
      points: activity.points,
      reach: toSpan(viewport, SNAP_PIXELS),
    });
    const planned = this.#port.plan(draft.intent);
    const refused = planned.kind === "refused";
    this.#activity = { ...activity, draft, refused };
    const ghosts = planned.kind === "planned" ? planned.ghosts : null;
    this.#canvas.showTransient({
      ghosts,
      refused,
      snapLine: draft.line,
      hovered: null,
      readout: {
        ...point,
        lines: planned.kind === "planned" ? this.#readout(draft.intent, planned) : [planned.reason],
      },
    });
    this.#port.presence({ drag: dragOf(draft.intent), cursor: this.#cursorAt(point) });
    if (planned.kind === "planned") {
      const pictures = trimPictures(draft.intent, this.#canvas.view, planned.ghosts.after);
      if (pictures.length > 0) this.#port.trimView({ pictures });
    }
  }

  /** A clip may only land on a row of its own kind; elsewhere it stays on its own. */
  #targetTrack(grip: Grip, point: Point): string {
    if (grip.kind !== "move") return "";
    const row = nearestRow(this.#canvas.rows, this.#content(point).y);
    const own = this.#canvas.view.tracks.find((track) => track.id === grip.clip.track);
    return row && own && row.track.kind === own.kind ? row.track.id : grip.clip.track;
  }

  #readout(intent: Intent, planned: Extract<Planned, { kind: "planned" }>): readonly string[] {
    const { rate, startTc } = this.#canvas.view;
    const label = (at: number): string => timecode(flicks(Math.abs(at)), rate);
    if (intent.kind === "transition") return [label(intent.inOffset + intent.outOffset)];
    const id =
      intent.kind === "move" ? intent.grabbed : intent.kind === "roll" ? intent.right : intent.clip;
    const before = this.#canvas.clip(id);
    const after = planned.ghosts.after.find((clip) => clip.id === id) ?? before;
    if (!before || !after) return [];
    const changed = changeOf(intent, before, after);
    const signed = `${changed < 0 ? "−" : "+"}${label(changed)}`;
    const mark = planned.clamped ? " ⏹" : "";
    if (intent.kind === "trim") return [signed + mark, label(after.duration)];
    if (intent.kind === "slip") return [signed + mark];
    return [signed + mark, timecode(after.start, rate, { startTc })];
  }

  #up(event: PointerEvent): void {
    this.#pointer = event;
    const activity = this.#activity;
    if (activity.kind === "pressed") this.#click(activity.press, event);
    if (activity.kind === "drag") {
      this.#released = true;
      this.#step();
      this.#released = false;
      this.#drop();
    }
    this.#activity = IDLE;
    this.#canvas.showTransient(STILL);
    if (activity.kind === "drag") {
      this.#port.presence({ drag: null });
      this.#port.trimView(null);
    }
    this.#hover(this.#place(event));
  }

  #drop(): void {
    if (this.#activity.kind !== "drag" || this.#activity.refused || !this.#activity.draft) return;
    this.#port.commit(this.#activity.draft.intent);
  }

  /** A press that did not become a drag: narrow the selection, take the gap, or clear. */
  #click({ hit }: Press, event: PointerEvent): void {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (hit.kind === "gap") {
      this.#port.select([]);
      this.#port.selectGap({ track: hit.track.id, start: hit.start, end: hit.end });
      return;
    }
    if (hit.kind === "empty") this.#port.select([]);
    if (hit.kind !== "body") return;
    const { linked } = this.#port.stage();
    this.#port.select(linked ? withLinks(this.#canvas.view, [hit.clip.id]) : [hit.clip.id]);
  }

  #hover(point: Point): void {
    const { host, viewport } = this.#canvas;
    const { tool } = this.#port.stage();
    if (point.y < 0) {
      host.style.cursor = "default";
      this.#canvas.showTransient({ hovered: null, bladeX: null });
      return;
    }
    const hit = this.#hit(point);
    host.style.cursor = this.#port.mayEdit() ? cursorOf(hit, tool) : "default";
    const onClip = hit.kind === "body" || hit.kind === "edge";
    this.#canvas.showTransient({
      hovered: onClip ? hit.clip.id : null,
      bladeX: tool === "blade" && onClip ? toX(viewport, this.#frameAt(point)) : null,
    });
    this.#port.presence({ cursor: this.#cursorAt(point) });
  }

  /** Where the pointer is for others: a time and a share of a row, whatever their zoom is. */
  #cursorAt(point: Point): (PresencePart["cursor"] & object) | null {
    const content = this.#content(point);
    const row = rowAt(this.#canvas.rows, content.y);
    if (!row) return null;
    const dy = Math.round(((content.y - row.top) / row.height) * 100) / 100;
    return { area: "timeline", t: toTime(this.#canvas.viewport, point.x), track: row.track.id, dy };
  }

  #leave(): void {
    if (this.#activity.kind !== "idle") return;
    this.#canvas.showTransient({ hovered: null, bladeX: null });
    this.#port.presence({ cursor: null });
  }

  #pan(last: Point, event: PointerEvent): void {
    this.#scrollBy(last.x - event.clientX, last.y - event.clientY);
    this.#activity = { kind: "pan", last: { x: event.clientX, y: event.clientY } };
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    const { viewport, view } = this.#canvas;
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 20 : 1;
    const x = event.deltaX * unit;
    const y = event.deltaY * unit;
    if (event.ctrlKey || event.metaKey) {
      const { x: at } = this.#place(event);
      const zoomed = zoomedAt(
        viewport,
        Math.exp(-y * WHEEL_ZOOM),
        at,
        view.rate.num / view.rate.den,
      );
      this.#port.setView({ from: zoomed.from, pixelsPerSecond: zoomed.pixelsPerSecond });
    } else if (event.shiftKey && x === 0) this.#scrollBy(y, 0);
    else this.#scrollBy(x, y);
    if (this.#activity.kind === "drag") this.#schedule();
  }

  #menu(event: MouseEvent): void {
    event.preventDefault();
    const point = this.#place(event);
    if (point.y < 0) return;
    const hit = this.#hit(point);
    const { selection } = this.#port.stage();
    if (hit.kind === "body" && !selection.includes(hit.clip.id)) {
      this.#port.select(withLinks(this.#canvas.view, [hit.clip.id]));
    }
    this.#port.openMenu(hit, this.#frameAt(point), { x: event.clientX, y: event.clientY });
  }

  #double(event: MouseEvent): void {
    const point = this.#place(event);
    const { viewport, view } = this.#canvas;
    if (point.y >= 0) {
      const hit = this.#hit(point);
      if (hit.kind === "body" && this.#port.stage().tool === "select")
        this.#port.openClip(hit.clip);
      return;
    }
    const marker = view.markers.find((one) => Math.abs(toX(viewport, one.at) - point.x) <= 6);
    if (marker) this.#port.openMarker(marker.id);
  }

  #key(event: KeyboardEvent): void {
    if (this.#activity.kind === "idle") return;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopImmediatePropagation();
      this.cancel();
    } else this.#modifier(event);
  }

  /** A modifier pressed or let go in mid-drag shows its effect at once. */
  #modifier(event: KeyboardEvent): void {
    if (this.#activity.kind !== "drag" || !this.#pointer) return;
    if (!["Control", "Shift", "Alt", "Meta"].includes(event.key)) return;
    event.preventDefault();
    const { clientX, clientY } = this.#pointer;
    const { ctrlKey, shiftKey, altKey, metaKey } = event;
    this.#pointer = new PointerEvent("pointermove", {
      clientX,
      clientY,
      ctrlKey,
      shiftKey,
      altKey,
      metaKey,
    });
    this.#schedule();
  }
}
