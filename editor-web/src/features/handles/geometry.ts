/** What a drag on the picture does to a clip's values: places, scales, turns, crops. Pure. */

export type Point = readonly [x: number, y: number];
/** Left top, right top, left bottom, right bottom; each x then y, in pixels of the sequence. */
export type Corners = readonly [number, number, number, number, number, number, number, number];

export type Values = Readonly<Record<string, number>>;

export type Grip =
  | { readonly kind: "move" }
  | { readonly kind: "scale"; readonly corner: 0 | 1 | 2 | 3 }
  | { readonly kind: "rotate" }
  | { readonly kind: "crop"; readonly edge: "l" | "t" | "r" | "b" };

export type Held = {
  readonly grip: Grip;
  readonly from: Point;
  /** Where the picture turns and grows about. */
  readonly anchor: Point;
  /** The whole picture, uncropped. */
  readonly full: Corners;
  readonly values: Values;
  readonly size: { readonly width: number; readonly height: number };
};

export type Manner = { readonly snap: boolean; readonly steps: boolean };

/** Values by property, and the lines that were snapped to: x or y of the sequence. */
export type Moved = {
  readonly values: Values;
  readonly guides: readonly { readonly axis: "x" | "y"; readonly at: number }[];
};

const SNAP_PIXELS_OF_1080 = 10;
const STEP_DEGREES = 15;
const SCALE_MAX = 100;

export function moved(held: Held, to: Point, manner: Manner): Moved {
  switch (held.grip.kind) {
    case "move":
      return placed(held, to, manner);
    case "scale":
      return { values: scaled(held, to), guides: [] };
    case "rotate":
      return { values: turned(held, to, manner.steps), guides: [] };
    case "crop":
      return { values: cropped(held, to, held.grip.edge), guides: [] };
    default:
      return held.grip satisfies never;
  }
}

function placed({ from, values, size, full }: Held, to: Point, { snap, steps }: Manner): Moved {
  let [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  // With Shift the picture keeps to the direction it is going in.
  if (steps) [dx, dy] = Math.abs(dx) > Math.abs(dy) ? [dx, 0] : [0, dy];
  const guides: Moved["guides"][number][] = [];
  if (snap) {
    const reach = (SNAP_PIXELS_OF_1080 * size.height) / 1080;
    const [left, right] = extent(full, 0);
    const [top, bottom] = extent(full, 1);
    const across = snapped([left, (left + right) / 2, right], dx, size.width, reach);
    const down = snapped([top, (top + bottom) / 2, bottom], dy, size.height, reach);
    [dx, dy] = [across.by, down.by];
    if (across.line !== null) guides.push({ axis: "x", at: across.line });
    if (down.line !== null) guides.push({ axis: "y", at: down.line });
  }
  return {
    values: {
      x: rounded(valueIn(values, "x") + dx / size.width),
      y: rounded(valueIn(values, "y") + dy / size.height),
    },
    guides,
  };
}

const valueIn = (values: Values, name: string): number => values[name] ?? 0;

const extent = (corners: Corners, axis: 0 | 1): readonly [number, number] => {
  const all = [0, 2, 4, 6].map((at) => corners[at + axis] as number);
  return [Math.min(...all), Math.max(...all)];
};

/** The middle and the edges of the canvas draw the middle and the edges of the picture. */
function snapped(
  own: readonly number[],
  by: number,
  length: number,
  reach: number,
): { by: number; line: number | null } {
  let best = { by, line: null as number | null };
  let distance = reach;
  for (const line of [length / 2, 0, length]) {
    for (const at of own) {
      const away = Math.abs(line - at - by);
      if (away >= distance) continue;
      distance = away;
      best = { by: line - at, line };
    }
  }
  return best;
}

const away = ([x, y]: Point, [fromX, fromY]: Point): number => Math.hypot(x - fromX, y - fromY);

function scaled({ anchor, from, values }: Held, to: Point): Values {
  const before = away(from, anchor);
  const factor = before === 0 ? 1 : away(to, anchor) / before;
  const grown = (name: string): number =>
    rounded(Math.min(SCALE_MAX, Math.max(0.01, valueIn(values, name) * factor)));
  return { scale_x: grown("scale_x"), scale_y: grown("scale_y") };
}

function turned({ anchor, from, values }: Held, to: Point, steps: boolean): Values {
  const angle = ([x, y]: Point): number => Math.atan2(y - anchor[1], x - anchor[0]);
  const turn = ((angle(to) - angle(from)) * 180) / Math.PI;
  const short = ((((turn + 180) % 360) + 360) % 360) - 180;
  const rotation = valueIn(values, "rotation") + short;
  return {
    rotation: steps
      ? Math.round(rotation / STEP_DEGREES) * STEP_DEGREES
      : Math.round(rotation * 10) / 10,
  };
}

/** How far along the picture's own width or height a point lies, 0 to 1. */
function cropped({ full, values }: Held, to: Point, edge: "l" | "t" | "r" | "b"): Values {
  const origin: Point = [full[0], full[1]];
  const end: Point = edge === "l" || edge === "r" ? [full[2], full[3]] : [full[4], full[5]];
  const [ax, ay] = [end[0] - origin[0], end[1] - origin[1]];
  const length = ax * ax + ay * ay || 1;
  const along = ((to[0] - origin[0]) * ax + (to[1] - origin[1]) * ay) / length;
  const opposite = valueIn(values, { l: "crop_r", r: "crop_l", t: "crop_b", b: "crop_t" }[edge]);
  const wish = edge === "l" || edge === "t" ? along : 1 - along;
  const most = Math.max(0, 0.99 - opposite);
  return { [`crop_${edge}`]: rounded(Math.min(most, Math.max(0, wish))) };
}

/** A point of the picture at shares of its width and height. */
export const within = (corners: Corners, u: number, v: number): Point => [
  corners[0] + (corners[2] - corners[0]) * u + (corners[4] - corners[0]) * v,
  corners[1] + (corners[3] - corners[1]) * u + (corners[5] - corners[1]) * v,
];

/** Whether a point lies on the picture; it may be turned. */
export function covers(corners: Corners, [x, y]: Point): boolean {
  const [ax, ay] = [corners[2] - corners[0], corners[3] - corners[1]];
  const [bx, by] = [corners[4] - corners[0], corners[5] - corners[1]];
  const area = ax * by - ay * bx;
  if (area === 0) return false;
  const [px, py] = [x - corners[0], y - corners[1]];
  const u = (px * by - py * bx) / area;
  const v = (ax * py - ay * px) / area;
  return u >= 0 && u <= 1 && v >= 0 && v <= 1;
}

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;
