/** Which thumbnail stands for a project: the first picture of its timeline. */
import { type Guarded, isObject, isRecordOf, isShape } from "@/lib/guards";

const TICKS = 705_600_000;

const isTimeline = isShape({ tracks: isRecordOf(isObject), clips: isRecordOf(isObject) });

type Found = { readonly start: number; readonly asset: string; readonly second: number };

const numberOf = (value: unknown): number => (typeof value === "number" ? value : 0);

/** The address of the picture; null where the film has none, or it may not be seen. */
export async function firstPicture(
  apiUrl: string,
  project: string,
  signal: AbortSignal,
): Promise<string | null> {
  const response = await fetch(`${apiUrl}/projects/${project}/timeline`, { signal });
  if (!response.ok) return null;
  const told: unknown = await response.json();
  if (!isTimeline(told)) return null;
  const found = firstOf(told);
  return found && `${apiUrl}/assets/${found.asset}/thumbnails/${found.second}`;
}

function firstOf({ tracks, clips }: Guarded<typeof isTimeline>): Found | null {
  let first: Found | null = null;
  for (const clip of Object.values(clips)) {
    const { asset, track, removed } = clip;
    const kind = tracks[String(track)]?.["kind"] ?? "video";
    if (typeof asset !== "string" || removed === true || kind !== "video") continue;
    const start = numberOf(clip["start"]);
    if (first && first.start <= start) continue;
    // A little into the clip: first frames are often black.
    const second = Math.floor(
      (numberOf(clip["source_in"]) + numberOf(clip["duration"]) / 2) / TICKS,
    );
    first = { start, asset, second };
  }
  return first;
}
