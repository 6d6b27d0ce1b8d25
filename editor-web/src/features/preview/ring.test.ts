import { describe, expect, it } from "vitest";
import { Ring } from "./ring";

class Frame {
  closed = 0;
  readonly picture: number;

  constructor(picture: number) {
    this.picture = picture;
  }

  close(): void {
    this.closed += 1;
  }
}

const filled = (first: number, pictures: readonly number[]) => {
  let taken = 0;
  const ring = new Ring<Frame>(first, () => {
    taken += 1;
  });
  const frames = pictures.map((picture) => new Frame(picture));
  for (const frame of frames) ring.push(frame.picture, frame);
  return { ring, frames, taken: () => taken };
};

describe("editor-V9: a ring gives the picture asked for and closes what is past", () => {
  it("editor-V9: pictures before the wanted one leave, once, and make room", () => {
    const { ring, frames, taken } = filled(10, [10, 11, 12, 13]);
    expect(ring.at(12)).toEqual({ frame: frames[2], exact: true });
    expect(frames.map(({ closed }) => closed)).toEqual([1, 1, 0, 0]);
    expect(taken()).toBe(2);
    expect(ring.size).toBe(2);
  });

  it("editor-V9: an older picture stands in and is said to be older", () => {
    const { ring, frames } = filled(10, [10, 11]);
    expect(ring.at(13)).toEqual({ frame: frames[1], exact: false });
    const late = new Frame(13);
    ring.push(12, new Frame(12));
    ring.push(13, late);
    expect(ring.at(13)).toEqual({ frame: late, exact: true });
    expect(frames.map(({ closed }) => closed)).toEqual([1, 1]);
  });

  it("editor-V9: what comes too late never piles up", () => {
    const { ring, taken } = filled(0, [0]);
    ring.at(40);
    for (let picture = 1; picture < 40; picture += 1) ring.push(picture, new Frame(picture));
    expect(ring.size).toBe(1);
    expect(taken()).toBe(39);
  });

  it("editor-V9: nothing is given before the first picture, nor what lies before the ring", () => {
    const { ring } = filled(10, []);
    expect(ring.at(10)).toBeNull();
    ring.push(10, new Frame(10));
    ring.push(11, new Frame(11));
    ring.at(11);
    expect([ring.covers(10), ring.covers(11), ring.covers(30), ring.covers(60)]).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it("editor-V9: after the last picture it stays, exactly", () => {
    const { ring, frames } = filled(10, [10, 11]);
    ring.end();
    expect(ring.at(50)).toEqual({ frame: frames[1], exact: true });
    expect(ring.covers(500)).toBe(true);
  });

  it("editor-V9: cleared, it has closed everything once", () => {
    const { ring, frames } = filled(0, [0, 1, 2, 3, 4]);
    ring.at(2);
    ring.clear();
    ring.clear();
    expect(frames.map(({ closed }) => closed)).toEqual([1, 1, 1, 1, 1]);
  });
});
