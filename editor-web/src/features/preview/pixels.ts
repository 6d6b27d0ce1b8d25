/** Effects that are arithmetic on the pixels of a picture, as the filters of the film do it [export-X36]. */

type Pixels = Pick<ImageData, "data" | "width" | "height">;

/** Replaces each block of whole pixels by its mean; colours weigh as much as they are seen. */
export const inBlocks = ({ data, width, height }: Pixels, across: number, down: number): void => {
  for (let top = 0; top < height; top += down)
    for (let left = 0; left < width; left += across) {
      const [right, bottom] = [Math.min(left + across, width), Math.min(top + down, height)];
      const sums = [0, 0, 0, 0];
      for (let y = top; y < bottom; y += 1)
        for (let x = left; x < right; x += 1) {
          const at = 4 * (y * width + x);
          const alpha = data[at + 3] as number;
          for (let axis = 0; axis < 3; axis += 1)
            (sums[axis] as number) += (data[at + axis] as number) * alpha;
          (sums[3] as number) += alpha;
        }
      const alpha = sums[3] as number;
      const mean = [0, 1, 2].map((axis) => (alpha > 0 ? (sums[axis] as number) / alpha : 0));
      mean.push(alpha / ((right - left) * (bottom - top)));
      for (let y = top; y < bottom; y += 1)
        for (let x = left; x < right; x += 1) data.set(mean, 4 * (y * width + x));
    }
};

/** Moves each colour as far again from that of a blurred copy as `amount` says; alpha stays as it is. */
export const sharpen = (data: Uint8ClampedArray, soft: Uint8ClampedArray, amount: number): void => {
  for (let at = 0; at < data.length; at += 4)
    for (let axis = 0; axis < 3; axis += 1) {
      const value = data[at + axis] as number;
      data[at + axis] = value + amount * (value - (soft[at + axis] as number));
    }
};

/** Leaves as much of each pixel's alpha as a shade of 0..255 says, which stands in every `step`th number. */
export const thin = (data: Uint8ClampedArray, shade: Uint8ClampedArray, step: number): void => {
  for (let at = 3, of = 0; at < data.length; at += 4, of += step)
    data[at] = ((data[at] as number) * (shade[of] as number)) / 255;
};
