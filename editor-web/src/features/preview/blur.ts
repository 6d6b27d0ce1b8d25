/** A Gaussian blur of a whole canvas: by the browser where its canvases have filters, else by arithmetic. */

const STEPS = 3; // as `exporter/ffmpeg_command.py` asks the film's filter for
const EDGE_SIGMAS = 3;

/**
 * A blurred copy; `sigma` in pixels, across and down. What is beyond the edge is clear where the
 * picture `fades`, else it goes on as its outermost pixels.
 */
export const blurred = (
  source: OffscreenCanvas,
  sigma: readonly [number, number],
  fades: boolean,
): OffscreenCanvas => {
  if (sigma[0] <= 0 && sigma[1] <= 0) return source;
  const target = new OffscreenCanvas(source.width, source.height);
  const context = contextOf(target);
  if (hasFilters(context)) filterInto(context, source, sigma, fades);
  else {
    const pixels = contextOf(source).getImageData(0, 0, source.width, source.height);
    blurPixels(pixels, sigma);
    context.putImageData(pixels, 0, 0);
  }
  return target;
};

/** Safari's canvases have none. */
const hasFilters = (context: object): boolean => "filter" in context;

const filterInto = (
  context: OffscreenCanvasRenderingContext2D,
  source: OffscreenCanvas,
  [across, down]: readonly [number, number],
  fades: boolean,
): void => {
  const edge = Math.ceil(EDGE_SIGMAS * Math.max(across, down));
  const wide = fades ? source : goingOn(source, edge);
  const shift = fades ? 0 : -edge;
  const ratio = across > 0 && down > 0 ? down / across : 1;
  if (Math.abs(ratio - 1) < 0.01) {
    context.filter = `blur(${across}px)`;
    context.drawImage(wide, shift, shift);
    return;
  }
  // The filter knows one deviation: a picture squeezed in one direction is blurred further in it.
  const squeezed = resized(wide, wide.width, Math.max(1, Math.round(wide.height / ratio)));
  const soft = new OffscreenCanvas(squeezed.width, squeezed.height);
  const between = contextOf(soft);
  between.filter = `blur(${across}px)`;
  between.drawImage(squeezed, 0, 0);
  context.drawImage(soft, shift, shift, wide.width, wide.height);
};

/** The picture with `edge` pixels around it that repeat its outermost ones. */
const goingOn = (source: OffscreenCanvas, edge: number): OffscreenCanvas => {
  const { width, height } = source;
  const wide = new OffscreenCanvas(width + 2 * edge, height + 2 * edge);
  const context = contextOf(wide);
  context.imageSmoothingEnabled = false;
  const across = [
    [0, 1, 0, edge],
    [0, width, edge, width],
    [width - 1, 1, edge + width, edge],
  ] as const;
  const down = [
    [0, 1, 0, edge],
    [0, height, edge, height],
    [height - 1, 1, edge + height, edge],
  ] as const;
  for (const [fromX, wideX, atX, toX] of across)
    for (const [fromY, wideY, atY, toY] of down)
      context.drawImage(source, fromX, fromY, wideX, wideY, atX, atY, toX, toY);
  return wide;
};

const resized = (source: OffscreenCanvas, width: number, height: number): OffscreenCanvas => {
  const made = new OffscreenCanvas(width, height);
  const context = contextOf(made);
  context.imageSmoothingQuality = "high";
  context.drawImage(source, 0, 0, width, height);
  return made;
};

/** The recursive filter of the film, on colours that weigh as much as they are seen; the edges go on. */
export const blurPixels = (
  { data, width, height }: Pick<ImageData, "data" | "width" | "height">,
  [across, down]: readonly [number, number],
): void => {
  const plane = new Float32Array(width * height);
  const alpha = Float32Array.from({ length: width * height }, (_, at) => data[4 * at + 3] ?? 0);
  const soft = alpha.slice();
  smooth(soft, width, height, across, down);
  for (let channel = 0; channel < 3; channel += 1) {
    for (let at = 0; at < plane.length; at += 1)
      plane[at] = ((data[4 * at + channel] ?? 0) * (alpha[at] ?? 0)) / 255;
    smooth(plane, width, height, across, down);
    for (let at = 0; at < plane.length; at += 1)
      data[4 * at + channel] = soft[at] ? ((plane[at] ?? 0) * 255) / (soft[at] ?? 1) : 0;
  }
  for (let at = 0; at < soft.length; at += 1) data[4 * at + 3] = soft[at] ?? 0;
};

const smooth = (
  plane: Float32Array,
  width: number,
  height: number,
  across: number,
  down: number,
): void => {
  for (let row = 0; row < height; row += 1) recurse(plane, row * width, 1, width, across);
  for (let column = 0; column < width; column += 1) recurse(plane, column, width, height, down);
};

/** One line, there and back again, as often as there are steps (L. Alvarez and L. Mazorra, 1994). */
const recurse = (
  plane: Float32Array,
  from: number,
  stride: number,
  count: number,
  sigma: number,
): void => {
  if (sigma <= 0) return;
  const lambda = (sigma * sigma) / (2 * STEPS);
  const nu = (1 + 2 * lambda - Math.sqrt(1 + 4 * lambda)) / (2 * lambda);
  const edge = 1 / (1 - nu);
  const gain = (nu / lambda) ** STEPS;
  const last = from + (count - 1) * stride;
  for (let step = 0; step < STEPS; step += 1) {
    plane[from] = (plane[from] ?? 0) * edge;
    for (let at = from + stride; at <= last; at += stride)
      plane[at] = (plane[at] ?? 0) + nu * (plane[at - stride] ?? 0);
    plane[last] = (plane[last] ?? 0) * edge;
    for (let at = last - stride; at >= from; at -= stride)
      plane[at] = (plane[at] ?? 0) + nu * (plane[at + stride] ?? 0);
  }
  for (let at = from; at <= last; at += stride) plane[at] = (plane[at] ?? 0) * gain;
};

const contextOf = (canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D => {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("this browser gives no 2D canvas");
  return context;
};
