/** What people want to know of a piece of media, in a line. */
import type { Asset } from "@/lib/api/types";
import { bytes } from "@/lib/messages/figures";
import { say } from "@/lib/messages/screens";
import { TICKS } from "@/timeline-core/time";

const two = (value: number): string => String(value).padStart(2, "0");

/** `1:04`, `1:02:03`; "" where there is no length. */
export function lengthLabel(ticks: number | null): string {
  if (ticks === null) return "";
  const seconds = Math.round(ticks / TICKS);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const tail = `${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${two(minutes % 60)}:${tail}` : `${minutes}:${tail}`;
}

const RATES = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

export function factsLine(asset: Asset): { readonly length: string; readonly facts: string } {
  const { facts } = asset;
  const length = lengthLabel(facts?.duration ?? null);
  const parts: string[] = [say.media.kinds[asset.kind]];
  if (asset.kind !== "audio" && facts && facts.width !== null) {
    parts.splice(0, 1, `${facts.width}×${facts.height}`);
  }
  if (asset.kind === "video" && facts) parts.push(RATES.format(facts.fps_num / facts.fps_den));
  if (asset.kind !== "video") parts.push(bytes(asset.size_bytes));
  return { length, facts: parts.join(" · ") };
}
