/** What the film would cost as it is now, on the button that opens the export dialog. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useResolved, useSaveState } from "@/collab/hooks";
import { askPrice } from "@/lib/api/credits";
import { listPresets } from "@/lib/api/exports";
import { sayExports as words } from "@/lib/messages/exports";
import { ProblemError } from "@/lib/problem";
import { useServices } from "@/lib/services";
import { priceDueIn } from "./price-due";

/** Says nothing while nothing can be exported, or where the price cannot be had. */
export const AboutPrice = ({ project }: { readonly project: string }) => {
  const { api } = useServices();
  const resolved = useResolved();
  const saved = useSaveState().kind === "saved";
  const visible = useVisible();
  const duration = resolved.sequences.get(resolved.sequence)?.duration ?? 0;
  const fatal = resolved.diagnostics.some((item) => item.level === "fatal");
  const possible = duration > 0 && !fatal;
  const presets = useQuery({
    queryKey: ["export-presets", project],
    queryFn: () => listPresets(api, project),
    enabled: possible,
  });
  const preset = presets.data?.items[0]?.name;
  const [credits, setCredits] = useState<number | null>(null);
  const edited = useRef(0);
  const asked = useRef<number | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another state of the film is an edit
  useEffect(() => {
    edited.current = performance.now();
  }, [resolved]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: waits anew after each edit
  useEffect(() => {
    if (!possible || !saved || !visible || preset === undefined) return;
    const ask = async (): Promise<void> => {
      asked.current = performance.now();
      try {
        setCredits((await askPrice(api, project, { preset })).credits);
      } catch (cause) {
        if (!(cause instanceof ProblemError)) throw cause;
        setCredits(null); // the dialog says why
      }
    };
    const due = priceDueIn(performance.now(), edited.current, asked.current);
    const timer = setTimeout(() => void ask(), due);
    return () => clearTimeout(timer);
  }, [api, project, preset, resolved, possible, saved, visible]);
  if (!possible || credits === null) return null;
  return <span className="font-normal tabular-nums">{words.about(credits)}</span>;
};

function useVisible(): boolean {
  const [visible, setVisible] = useState(() => document.visibilityState === "visible");
  useEffect(() => {
    const look = () => setVisible(document.visibilityState === "visible");
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);
  return visible;
}
