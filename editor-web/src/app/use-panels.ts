/** What the keys do with panels: one of them alone, the preview on the full screen, round with F6. */
import { useEffect, useRef, useState } from "react";
import { useCommands } from "@/lib/keys/use-commands";

export type Pane = "library" | "preview" | "inspector" | "timeline";

/** The panel that has the whole window now, or null. */
export function usePanels(): Pane | null {
  const [alone, setAlone] = useState<Pane | null>(null);
  const under = useRef<Element | null>(null);
  useEffect(() => {
    const follow = (event: PointerEvent): void => {
      under.current = event.target instanceof Element ? event.target : null;
    };
    window.addEventListener("pointerover", follow, { passive: true });
    return () => window.removeEventListener("pointerover", follow);
  }, []);
  useCommands({
    "view.region": nextRegion,
    "view.fullscreen": toggleFullscreen,
    "view.maximise": () => setAlone(alone === null ? paneOf(under.current) : null),
  });
  return alone;
}

/** The panel under the pointer, else the one with the focus, else the preview. */
function paneOf(under: Element | null): Pane {
  const pane = (from: Element | null): Pane | undefined =>
    from?.closest<HTMLElement>("[data-pane]")?.dataset["pane"] as Pane | undefined;
  return pane(under) ?? pane(document.activeElement) ?? "preview";
}

function toggleFullscreen(): void {
  if (document.fullscreenElement) void document.exitFullscreen();
  else void document.querySelector<HTMLElement>("[data-pane=preview]")?.requestFullscreen();
}

/** F6 goes round the regions, so that no panel is a trap for the keyboard. */
function nextRegion(): void {
  const regions = [...document.querySelectorAll<HTMLElement>("[data-region]")].filter(
    (region) => region.offsetParent !== null,
  );
  const at = regions.findIndex((region) => region.contains(document.activeElement));
  regions[(at + 1) % regions.length]?.focus();
}
