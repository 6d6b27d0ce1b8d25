/**
 * The timeline's picture: three canvas layers at device pixels, painted only when what they show
 * changed. No React in here; the panel hands in values, the pointer hands in drafts.
 */
import type { Stage } from "@/lib/stage";
import { onTheme } from "@/lib/theme";
import { type Flicks, flicks } from "@/timeline-core/time";
import { pixels } from "@/timeline-core/view";
import { PeopleTrail, type PersonView } from "./model/people";
import { layOut, type RowHeight, type Rows, RULER_HEIGHT } from "./model/rows";
import { allClips, type ClipView, type PinView, type TimelineView } from "./model/view-model";
import { pagedTo, type Viewport } from "./model/viewport";
import type { Box } from "./paint/box";
import type { MediaSource } from "./paint/media-source";
import { boxOf, paintRows } from "./paint/paint-clips";
import { type Ghosts, paintOverlay, type Readout, rowBox } from "./paint/paint-overlay";
import type { paintPeople } from "./paint/paint-people";
import { paintRuler } from "./paint/paint-ruler";
import { readTheme, type Theme } from "./paint/theme";

/** The parts of the stage that the timeline reads and moves. */
export type StagePort = {
  readonly get: () => Stage;
  readonly subscribe: (listener: (now: Stage, before: Stage) => void) => () => void;
  readonly setView: (view: Partial<Stage["view"]>, options?: { followed?: boolean }) => void;
};

export type Gap = { readonly track: string; readonly start: Flicks; readonly end: Flicks };

/** What only lives while a hand is on the timeline. */
export type Transient = {
  readonly ghosts: Ghosts | null;
  readonly refused: boolean;
  readonly snapLine: Flicks | null;
  readonly marquee: Box | null;
  readonly readout: Readout | null;
  readonly dropBox: Box | null;
  readonly bladeX: number | null;
  readonly hovered: string | null;
};

export const STILL: Transient = {
  ghosts: null,
  refused: false,
  snapLine: null,
  marquee: null,
  readout: null,
  dropBox: null,
  bladeX: null,
  hovered: null,
};

const NOTHING = 0;
const CLIPS = 1;
const RULER = 2;
const OVERLAY = 4;
const ALL = CLIPS | RULER | OVERLAY;

const EMPTY_VIEW: TimelineView = {
  sequence: "",
  sequences: [],
  size: { width: 1920, height: 1080 },
  rate: { num: 30, den: 1 },
  startTc: flicks(0),
  duration: flicks(0),
  tracks: [],
  markers: [],
};

export type FrameStats = {
  readonly painted: number;
  readonly lastMs: number;
  readonly worstMs: number;
};

export class TimelineCanvas {
  readonly #host: HTMLElement;
  readonly #stage: StagePort;
  readonly #media: MediaSource;
  readonly #layers: Record<"clips" | "ruler" | "overlay", CanvasRenderingContext2D>;
  #theme: Theme;
  readonly #trail = new PeopleTrail();
  readonly #cleanup: (() => void)[] = [];
  #view = EMPTY_VIEW;
  #byId: ReadonlyMap<string, ClipView> = new Map();
  #heights: ReadonlyMap<string, RowHeight> = new Map();
  #rows: Rows = layOut(EMPTY_VIEW, new Map());
  #size = { width: 0, height: 0 };
  #gap: Gap | null = null;
  #pins: readonly PinView[] = [];
  #focused: string | null = null;
  #transient = STILL;
  #dirty = NOTHING;
  #frame = 0;
  /** Fetched when somebody else is here for the first time. */
  #paintPeople: typeof paintPeople | null = null;
  #stats: FrameStats = { painted: 0, lastMs: 0, worstMs: 0 };

  constructor(host: HTMLElement, stage: StagePort, media: MediaSource) {
    this.#host = host;
    this.#stage = stage;
    this.#media = media;
    this.#theme = readTheme(host);
    this.#layers = { clips: layer(host), ruler: layer(host), overlay: layer(host) };
    const observer = new ResizeObserver(() => this.#resize());
    observer.observe(host);
    this.#cleanup.push(() => observer.disconnect());
    this.#cleanup.push(
      onTheme(() => {
        this.#theme = readTheme(host);
        this.#invalidate(ALL);
      }),
    );
    this.#cleanup.push(stage.subscribe((now, before) => this.#stageMoved(now, before)));
    this.#resize();
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame);
    for (const undo of this.#cleanup) undo();
    for (const context of Object.values(this.#layers)) context.canvas.remove();
  }

  get view(): TimelineView {
    return this.#view;
  }

  get rows(): Rows {
    return this.#rows;
  }

  get host(): HTMLElement {
    return this.#host;
  }

  get viewport(): Viewport {
    const { view } = this.#stage.get();
    return {
      from: view.from,
      pixelsPerSecond: view.pixelsPerSecond,
      width: this.#size.width,
      height: Math.max(0, this.#size.height - RULER_HEIGHT),
      scrollY: Math.min(view.top, this.scrollMax),
    };
  }

  get scrollMax(): number {
    return Math.max(0, this.#rows.height - (this.#size.height - RULER_HEIGHT));
  }

  get stats(): FrameStats {
    return this.#stats;
  }

  clip(id: string): ClipView | null {
    return this.#byId.get(id) ?? null;
  }

  show(view: TimelineView, heights: ReadonlyMap<string, RowHeight>): void {
    if (view === this.#view && heights === this.#heights) return;
    if (view !== this.#view) this.#byId = new Map(allClips(view).map((clip) => [clip.id, clip]));
    this.#view = view;
    this.#heights = heights;
    this.#rows = layOut(view, heights);
    this.#invalidate(ALL);
  }

  showPeople(people: readonly PersonView[]): void {
    if (people.length > 0) this.#fetchPeople();
    this.#trail.update(people, performance.now());
    this.#invalidate(OVERLAY);
  }

  #fetchPeople(): void {
    if (this.#paintPeople) return;
    import("./paint/paint-people").then(
      (module) => {
        this.#paintPeople = module.paintPeople;
        this.#invalidate(OVERLAY);
      },
      () => undefined, // the others stay in the bar above; the next of their moves asks again
    );
  }

  showGap(gap: Gap | null): void {
    this.#gap = gap;
    this.#invalidate(OVERLAY);
  }

  get pins(): readonly PinView[] {
    return this.#pins;
  }

  showPins(pins: readonly PinView[]): void {
    this.#pins = pins;
    this.#invalidate(RULER);
  }

  /** Marks the clip that has the keyboard focus in the mirror. */
  showFocus(id: string | null): void {
    this.#focused = id;
    this.#invalidate(OVERLAY);
  }

  showTransient(part: Partial<Transient>): void {
    this.#transient = { ...this.#transient, ...part };
    this.#invalidate(OVERLAY);
  }

  mediaChanged(): void {
    this.#invalidate(CLIPS);
  }

  /** The rectangle of a clip in page pixels; null while it is on no visible row. */
  clipRect(id: string): { x: number; y: number; width: number; height: number } | null {
    const clip = this.clip(id);
    const box = clip ? boxOf(this.#rows, this.viewport, clip) : null;
    if (!box) return null;
    const { left, top } = this.#host.getBoundingClientRect();
    return {
      x: left + box.x,
      y: top + RULER_HEIGHT + box.top,
      width: box.width,
      height: box.height,
    };
  }

  #stageMoved(now: Stage, before: Stage): void {
    if (now.view !== before.view) this.#invalidate(ALL);
    if (now.range !== before.range) this.#invalidate(RULER | OVERLAY);
    const moved = now.playhead !== before.playhead;
    if (moved || now.selection !== before.selection) this.#invalidate(OVERLAY);
    if (moved && now.playing) this.#turnPage(now.playhead);
  }

  #turnPage(playhead: Flicks): void {
    const paged = pagedTo(this.viewport, playhead);
    const { from } = this.#stage.get().view;
    if (paged.from !== from) this.#stage.setView({ from: paged.from }, { followed: true });
  }

  #resize(): void {
    const width = this.#host.clientWidth;
    const height = this.#host.clientHeight;
    this.#size = { width, height };
    sizeTo(this.#layers.clips, width, Math.max(0, height - RULER_HEIGHT), RULER_HEIGHT);
    sizeTo(this.#layers.ruler, width, RULER_HEIGHT, 0);
    sizeTo(this.#layers.overlay, width, height, 0);
    if (this.#stage.get().view.width !== width) {
      this.#stage.setView({ width: pixels(width) }, { followed: true });
    }
    // A canvas is blank after a change of its size: paint before the browser shows it.
    this.#dirty = ALL;
    this.#paint();
  }

  #invalidate(what: number): void {
    this.#dirty |= what;
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#paint());
  }

  #paint(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const began = performance.now();
    const dirty = this.#dirty;
    this.#dirty = NOTHING;
    if (this.#size.width === 0) return;
    if (dirty & CLIPS) this.#paintClips();
    if (dirty & RULER) this.#paintRuler();
    if (dirty & OVERLAY) this.#paintOverlay();
    const lastMs = performance.now() - began;
    this.#stats = {
      painted: this.#stats.painted + 1,
      lastMs,
      worstMs: Math.max(this.#stats.worstMs, lastMs),
    };
    if (this.#trail.moving(began)) this.#invalidate(OVERLAY);
  }

  #paintClips(): void {
    paintRows(this.#layers.clips, {
      rows: this.#rows,
      viewport: this.viewport,
      theme: this.#theme,
      media: this.#media,
    });
  }

  #paintRuler(): void {
    const { range } = this.#stage.get();
    paintRuler(this.#layers.ruler, {
      view: this.#view,
      viewport: this.viewport,
      theme: this.#theme,
      pins: this.#pins,
      range: { in: range.from, out: range.to },
    });
  }

  #paintOverlay(): void {
    const context = this.#layers.overlay;
    const { viewport } = this;
    const { playhead, selection, range, othersHidden } = this.#stage.get();
    const shown = (id: string | null): ClipView | null => (id === null ? null : this.clip(id));
    context.clearRect(0, 0, this.#size.width, this.#size.height);
    context.save();
    context.translate(0, RULER_HEIGHT);
    if (!othersHidden && this.#paintPeople) {
      const people = this.#trail.at(performance.now());
      const scene = { view: this.#view, rows: this.#rows, viewport, theme: this.#theme, people };
      this.#paintPeople(context, scene);
    }
    paintOverlay(context, {
      ...this.#transient,
      rows: this.#rows,
      viewport,
      theme: this.#theme,
      media: this.#media,
      playhead,
      range: { in: range.from, out: range.to },
      hovered: shown(this.#transient.hovered),
      focused: shown(this.#focused),
      selection: selection.flatMap((id) => this.clip(id) ?? []),
      selectedTransition: this.#transitionBox(selection),
      selectedGap: this.#gapBox(),
    });
    context.restore();
  }

  #gapBox(): Box | null {
    const gap = this.#gap;
    return gap && rowBox(this.#rows, this.viewport, gap.track, gap.start, gap.end);
  }

  #transitionBox(selection: readonly string[]): Box | null {
    for (const { transitions } of this.#view.tracks) {
      const found = transitions.find((transition) => selection.includes(transition.id));
      if (!found) continue;
      const from = found.at - found.inOffset;
      const box = rowBox(this.#rows, this.viewport, found.track, from, found.at + found.outOffset);
      return box && { ...box, height: box.height * 0.5 + 2 };
    }
    return null;
  }
}

function layer(host: HTMLElement): CanvasRenderingContext2D {
  const canvas = document.createElement("canvas");
  canvas.setAttribute("aria-hidden", "true");
  canvas.style.position = "absolute";
  canvas.style.insetInlineStart = "0";
  canvas.style.pointerEvents = "none";
  host.append(canvas);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser has no 2D canvas");
  return context;
}

function sizeTo(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  top: number,
): void {
  const ratio = window.devicePixelRatio || 1;
  const { canvas } = context;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  canvas.style.top = `${top}px`;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
}
