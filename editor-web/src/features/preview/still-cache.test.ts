import { describe, expect, it } from "vitest";
import { type Still, StillCache, type StillSource } from "./still-cache";

const MEDIA = { url: "/proxy", num: 30, den: 1 };

class Frame implements Still {
  readonly displayWidth = 2;
  readonly displayHeight = 2;
  closed = 0;

  close(): void {
    this.closed += 1;
  }
}

/** Answers when told to, in the order of the requests. */
class SlowSource implements StillSource<Frame> {
  readonly asked: { picture: number; count: number }[] = [];
  readonly made: Frame[] = [];
  readonly #pending: (() => void)[] = [];
  gives = true;

  failure(): undefined {
    return undefined;
  }

  stills(
    _: unknown,
    picture: number,
    count: number,
    onFrame: (picture: number, frame: Frame) => void,
  ): Promise<void> {
    this.asked.push({ picture, count });
    return new Promise((done) => {
      this.#pending.push(() => {
        for (let index = 0; this.gives && index < count; index += 1) {
          const frame = new Frame();
          this.made.push(frame);
          onFrame(picture + index, frame);
        }
        done();
      });
    });
  }

  async answer(): Promise<void> {
    this.#pending.shift()?.();
    await Promise.resolve();
    await Promise.resolve();
  }
}

const started = () => {
  const source = new SlowSource();
  const arrivals: number[] = [];
  const cache = new StillCache<Frame>(source, () => arrivals.push(source.asked.length));
  return { source, cache, arrivals };
};

describe("editor-V10: scrubbing decodes what is wanted now, and keeps little", () => {
  it("editor-V10: while one picture is decoded only the newest wish is remembered", async () => {
    const { source, cache } = started();
    for (const picture of [1, 2, 3, 4, 5]) expect(cache.at("c", MEDIA, picture, false)).toBeNull();
    expect(source.asked).toEqual([{ picture: 1, count: 1 }]);
    await source.answer();
    expect(source.asked.at(-1)).toEqual({ picture: 5, count: 1 });
    await source.answer();
    expect(cache.at("c", MEDIA, 5, false)).not.toBeNull();
    expect(source.asked).toHaveLength(2);
  });

  it("editor-V10: backwards whole runs are decoded, half a run ahead", async () => {
    const { source, cache } = started();
    cache.at("c", MEDIA, 100, true);
    expect(source.asked).toEqual([{ picture: 86, count: 15 }]);
    await source.answer();
    for (let picture = 100; picture > 93; picture -= 1)
      expect(cache.at("c", MEDIA, picture, true)).not.toBeNull();
    expect(source.asked).toHaveLength(1);
    cache.at("c", MEDIA, 92, true);
    expect(source.asked.at(-1)).toEqual({ picture: 71, count: 15 });
  });

  it("editor-V10: a picture that does not exist is not asked for in a circle", async () => {
    const { source, cache } = started();
    source.gives = false;
    cache.at("c", MEDIA, 7, false);
    await source.answer();
    cache.at("c", MEDIA, 7, false);
    expect(source.asked).toHaveLength(1);
  });

  it("editor-V10: at most 64 pictures are kept, all others and at the end all are closed", async () => {
    const { source, cache } = started();
    for (let run = 10; run > 0; run -= 1) {
      cache.at("c", MEDIA, run * 100, true);
      await source.answer();
    }
    expect(cache.size).toBe(64);
    expect(source.made.filter(({ closed }) => closed === 0)).toHaveLength(64);
    cache.at("c", MEDIA, 5000, false);
    cache.dispose();
    await source.answer();
    expect(source.made.every(({ closed }) => closed === 1)).toBe(true);
  });
});
