/** Other people: playheads, outlines, cursors and drag ghosts, each with a name beside its colour. */
import type { EasedPerson } from "../model/people";
import { nearestRow, type Rows, RULER_HEIGHT, rowOf } from "../model/rows";
import { type ClipView, findClip, type TimelineView } from "../model/view-model";
import { toX, type Viewport } from "../model/viewport";
import type { Box } from "./box";
import { boxOf, isVisible } from "./paint-clips";
import type { Theme } from "./theme";

export type PeopleScene = {
  readonly view: TimelineView;
  readonly rows: Rows;
  readonly viewport: Viewport;
  readonly theme: Theme;
  readonly people: readonly EasedPerson[];
};

export function paintPeople(context: CanvasRenderingContext2D, scene: PeopleScene): void {
  for (const eased of scene.people) {
    context.save();
    context.beginPath();
    context.rect(0, -RULER_HEIGHT, scene.viewport.width, scene.viewport.height + RULER_HEIGHT);
    context.clip();
    if (eased.idle) context.globalAlpha = 0.4;
    paintSelection(context, scene, eased);
    paintDrag(context, scene, eased);
    paintPlayhead(context, scene, eased);
    if (!eased.idle) paintCursor(context, scene, eased);
    context.restore();
  }
}

function paintSelection(
  context: CanvasRenderingContext2D,
  scene: PeopleScene,
  eased: EasedPerson,
): void {
  const { person } = eased;
  let named = false;
  for (const id of person.selection) {
    const clip = findClip(scene.view, id);
    const box =
      clip && isVisible(scene.viewport, clip) ? boxOf(scene.rows, scene.viewport, clip) : null;
    if (!box) continue;
    ring(context, box, scene.theme.canvas, 1, 2);
    ring(context, box, person.color, 2, 0);
    if (!named)
      flag(context, scene.theme, person.name, person.color, box.x + 2, box.top + box.height - 17);
    named = true;
  }
}

function ring(
  context: CanvasRenderingContext2D,
  box: Box,
  color: string,
  width: number,
  inset: number,
): void {
  context.strokeStyle = color;
  context.lineWidth = width;
  context.beginPath();
  context.roundRect(
    box.x + inset + width / 2,
    box.top + 1 + inset + width / 2,
    Math.max(1, box.width - 1 - inset * 2 - width),
    Math.max(1, box.height - 2 - inset * 2 - width),
    3,
  );
  context.stroke();
}

function paintDrag(
  context: CanvasRenderingContext2D,
  scene: PeopleScene,
  eased: EasedPerson,
): void {
  const { drag, color, name } = eased.person;
  if (!drag) return;
  const clips = drag.ids.flatMap((id) => findClip(scene.view, id) ?? []);
  for (const [index, clip] of clips.entries()) {
    const box = ghostBox(scene, clip, drag, index === 0);
    if (!box) continue;
    context.save();
    context.globalAlpha *= 0.25;
    context.fillStyle = color;
    context.fillRect(box.x, box.top + 1, box.width, box.height - 2);
    context.restore();
    context.save();
    context.setLineDash([5, 3]);
    ring(context, box, color, 2, 0);
    context.restore();
    if (index === 0) flag(context, scene.theme, name, color, box.x, box.top - 8);
  }
}

function ghostBox(
  scene: PeopleScene,
  clip: ClipView,
  drag: NonNullable<EasedPerson["person"]["drag"]>,
  grabbed: boolean,
): Box | null {
  const box = boxOf(scene.rows, scene.viewport, clip);
  if (!box) return null;
  const shift = (drag.dt / 705_600_000) * scene.viewport.pixelsPerSecond;
  if (drag.kind === "trim-head") return { ...box, x: box.x + shift, width: box.width - shift };
  if (drag.kind === "trim-tail") return { ...box, width: box.width + shift };
  const row = grabbed && drag.track ? rowOf(scene.rows, drag.track) : null;
  const top = row ? row.top - scene.viewport.scrollY : box.top;
  return { ...box, x: box.x + shift, top, height: row?.height ?? box.height };
}

function paintPlayhead(
  context: CanvasRenderingContext2D,
  scene: PeopleScene,
  eased: EasedPerson,
): void {
  if (eased.playhead === null) return;
  const x = Math.round(toX(scene.viewport, eased.playhead));
  if (x < -80 || x > scene.viewport.width) return;
  context.fillStyle = eased.person.color;
  context.fillRect(x, -12, 1, scene.viewport.height + 12);
  context.beginPath();
  context.moveTo(x - 3.5, -14);
  context.lineTo(x + 4.5, -14);
  context.lineTo(x + 0.5, -6);
  context.closePath();
  context.fill();
  flag(context, scene.theme, eased.person.name, eased.person.color, x + 5, -RULER_HEIGHT + 13);
}

function paintCursor(
  context: CanvasRenderingContext2D,
  scene: PeopleScene,
  eased: EasedPerson,
): void {
  const { cursor, color, name } = eased.person;
  if (!cursor || eased.cursorT === null) return;
  const row = rowOf(scene.rows, cursor.track) ?? nearestRow(scene.rows, 0);
  if (!row) return;
  const x = toX(scene.viewport, eased.cursorT);
  const y = row.top - scene.viewport.scrollY + cursor.dy * row.height;
  context.save();
  context.translate(x, y);
  context.beginPath();
  context.moveTo(0, 0);
  context.lineTo(0, 14);
  context.lineTo(4, 10.5);
  context.lineTo(10, 10);
  context.closePath();
  context.fillStyle = color;
  context.fill();
  context.strokeStyle = scene.theme.canvas;
  context.lineWidth = 1;
  context.stroke();
  context.restore();
  flag(context, scene.theme, name, color, x + 10, y + 12);
}

const FLAG_LETTERS_MAX = 24;

function flag(
  context: CanvasRenderingContext2D,
  theme: Theme,
  name: string,
  color: string,
  x: number,
  y: number,
): void {
  const letters = [...name];
  const short =
    letters.length > FLAG_LETTERS_MAX ? `${letters.slice(0, FLAG_LETTERS_MAX).join("")}…` : name;
  context.font = `12px ${theme.font}`;
  context.textBaseline = "middle";
  const width = context.measureText(short).width + 10;
  context.fillStyle = color;
  context.beginPath();
  context.roundRect(x, y, width, 15, 3);
  context.fill();
  context.fillStyle = theme.canvas;
  context.fillText(short, x + 5, y + 8);
}
