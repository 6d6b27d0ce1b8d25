/** The frame grid of the open sequence. */
import { useDocument } from "@/collab/hooks";
import { useStage } from "@/lib/stage";
import { type Rate, rate } from "@/timeline-core/time";
import { propertyOf } from "./values";

export function useGrid(): Rate {
  const { sequences, meta } = useDocument();
  const open = useStage((stage) => stage.sequence) ?? String(meta["main_sequence"] ?? "");
  const record = sequences.get(open) ?? [...sequences.values()][0] ?? {};
  return rate(propertyOf(record, "fps_num", 30), propertyOf(record, "fps_den", 1));
}
