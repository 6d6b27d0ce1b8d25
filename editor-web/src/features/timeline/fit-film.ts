/** The whole film in the window, with a little air. */
import { useStage } from "@/lib/stage";
import { fitted } from "./model/viewport";
import type { TimelineCanvas } from "./timeline-canvas";

export function fitFilm(canvas: TimelineCanvas | null): void {
  if (!canvas) return;
  const { num, den } = canvas.view.rate;
  const { from, pixelsPerSecond } = fitted(canvas.viewport, canvas.view.duration, num / den);
  useStage.getState().setView({ from, pixelsPerSecond });
}
