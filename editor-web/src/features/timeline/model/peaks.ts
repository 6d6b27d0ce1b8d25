/** Audio peaks in the server's CPK1 format (editor.md, section 7). */

export type PeakLevel = {
  /** Pairs a second. */
  readonly rate: number;
  readonly pairs: number;
};

export type Peaks = {
  readonly channels: number;
  readonly levels: readonly PeakLevel[];
  /** The lowest and highest sample, -1..1, of pairs [first, last) over all channels. */
  readonly reach: (level: number, first: number, last: number) => readonly [number, number];
};

const HEADER_BYTES = 12;

/** Parses CPK1 bytes; null when they are not that, or cut short. */
export function parsePeaks(buffer: ArrayBuffer): Peaks | null {
  const view = new DataView(buffer);
  if (buffer.byteLength < HEADER_BYTES || magic(view) !== "CPK1") return null;
  const channels = view.getUint8(4);
  const count = view.getUint8(5);
  const baseRate = view.getUint16(6, true);
  const basePairs = view.getUint32(8, true);
  const levels: PeakLevel[] = [];
  const offsets: number[] = [];
  let offset = HEADER_BYTES;
  for (let level = 0; level < count; level += 1) {
    const pairs = Math.ceil(basePairs / 10 ** level);
    levels.push({ rate: baseRate / 10 ** level, pairs });
    offsets.push(offset);
    offset += pairs * channels * 2;
  }
  if (channels === 0 || offset > buffer.byteLength) return null;
  const samples = new Int8Array(buffer);
  return { channels, levels, reach: (level, first, last) => reach(level, first, last) };

  function reach(level: number, first: number, last: number): readonly [number, number] {
    const shape = levels[level];
    if (!shape) return [0, 0];
    const start = Math.max(0, first);
    const end = Math.min(shape.pairs, last);
    let low = 0;
    let high = 0;
    for (let at = start * channels * 2; at < end * channels * 2; at += 2) {
      low = Math.min(low, samples[(offsets[level] as number) + at] as number);
      high = Math.max(high, samples[(offsets[level] as number) + at + 1] as number);
    }
    return [low / 128, high / 127];
  }
}

const magic = (view: DataView): string =>
  String.fromCharCode(view.getUint8(0), view.getUint8(1), view.getUint8(2), view.getUint8(3));

/** The coarsest level that still has a pair for each pixel; the finest where none has. */
export function levelFor(peaks: Peaks, sourceSecondsPerPixel: number): number {
  for (let level = peaks.levels.length - 1; level > 0; level -= 1) {
    const rate = (peaks.levels[level] as PeakLevel).rate;
    if (rate * sourceSecondsPerPixel >= 1) return level;
  }
  return 0;
}
