/** Every moment and every clip is a link: `?t=00:00:04:12&s={sequence}&c={clip}`. */
import { useEffect } from "react";
import { parseTimecode } from "@/features/timeline/model/timecode-input";
import { allClips, type TimelineView, withLinks } from "@/features/timeline/model/view-model";
import { useStage } from "@/lib/stage";
import { flicks, timecode } from "@/timeline-core/time";

const WRITE_AFTER_MS = 400; // browsers refuse addresses that change too often

/** The address of what is shown now. */
export function addressOf(view: TimelineView): string {
  const { playhead, selection, sequence } = useStage.getState();
  const url = new URL(window.location.href);
  url.search = "";
  url.hash = "";
  url.searchParams.set("t", timecode(playhead, view.rate, { startTc: view.startTc }));
  if (sequence !== null) url.searchParams.set("s", sequence);
  if (selection[0]) url.searchParams.set("c", selection[0]);
  return url.href.replaceAll("%3A", ":");
}

/** Goes where the address says, once; afterwards the address follows. */
export function useAddress(view: TimelineView): void {
  const ready = view.sequence !== "";
  // biome-ignore lint/correctness/useExhaustiveDependencies: the address is read once, when the document is there
  useEffect(() => {
    if (!ready) return;
    const asked = new URLSearchParams(window.location.search);
    const { seek, select, openSequence } = useStage.getState();
    const sequence = asked.get("s");
    if (sequence) openSequence(sequence);
    const place = { rate: view.rate, startTc: view.startTc, playhead: flicks(0) };
    const at = asked.get("t") ? parseTimecode(asked.get("t") ?? "", place) : null;
    if (at !== null) seek(at);
    const clip = asked.get("c");
    if (clip && allClips(view).some((one) => one.id === clip)) select(withLinks(view, [clip]));
  }, [ready]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const write = (): void => {
      window.history.replaceState(window.history.state, "", addressOf(view));
    };
    const stop = useStage.subscribe((now, before) => {
      if (now.playing || (now.playhead === before.playhead && now.selection === before.selection))
        return;
      clearTimeout(timer);
      timer = setTimeout(write, WRITE_AFTER_MS);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [view]);
}
