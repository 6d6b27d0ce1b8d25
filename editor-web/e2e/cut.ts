/** What a film must show, worked out from the timeline file alone: one video track, media at speed 1. */
import type { Row } from "./api";

export const TICKS = 705_600_000;

interface Clip {
  readonly id: string;
  readonly track: string;
  readonly start: number;
  readonly duration: number;
  readonly source_in: number;
  readonly asset: string;
}

/** Live clips of a timeline that show pictures of media, in order of time. */
export const pictureClips = (timeline: Row): Clip[] => {
  const tracks = new Set(
    Object.entries(timeline["tracks"] as Record<string, Row>)
      .filter(([, track]) => track["kind"] === "video")
      .map(([id]) => id),
  );
  return Object.entries(timeline["clips"] as Record<string, Row>)
    .filter(([, clip]) => !clip["removed"] && tracks.has(clip["track"]))
    .filter(([, clip]) => (clip["kind"] ?? "media") === "media")
    .map(([id, clip]) => ({
      id,
      track: clip["track"],
      start: clip["start"] ?? 0,
      duration: clip["duration"],
      source_in: clip["source_in"] ?? 0,
      asset: clip["asset"],
    }))
    .sort((one, other) => one.start - other.start);
};

/** [clip number, picture] of each film frame at `fps`; null in gaps and slates. `numbers` says which asset carries which number. */
export const expectedFilm = (
  timeline: Row,
  numbers: ReadonlyMap<string, number>,
  fps: number,
): ([number, number] | null)[] => {
  const clips = pictureClips(timeline);
  const ends = Object.values(timeline["clips"] as Record<string, Row>)
    .filter((clip) => !clip["removed"])
    .map((clip) => (clip["start"] ?? 0) + clip["duration"]);
  const frames = Math.ceil((Math.max(...ends) * fps) / TICKS - 0.5);
  return Array.from({ length: frames }, (_, frame) => {
    const middle = ((2 * frame + 1) * TICKS) / (2 * fps);
    const clip = clips.findLast(
      ({ start, duration }) => start <= middle && middle < start + duration,
    );
    if (!clip) return null;
    const picture = Math.floor(((middle - clip.start + clip.source_in) * fps) / TICKS);
    const number = numbers.get(clip.asset);
    return number === undefined ? null : [number, picture];
  });
};
