/** The row above the timeline: tools, cuts, switches; transport in the middle; zoom at the end. */
import {
  AlignEndVertical,
  AlignStartVertical,
  ArrowLeftRight,
  Flag,
  FoldHorizontal,
  Link2,
  Magnet,
  Maximize2,
  MousePointer2,
  MoveHorizontal,
  Scissors,
  SquareSplitHorizontal,
  ZoomIn,
  ZoomOut,
} from "lucide-react";
import type { ReactNode } from "react";
import { IconButton, Seam } from "@/components/ui/button";
import { useFirstKey } from "@/lib/keys/choice";
import type { CommandId } from "@/lib/keys/keymap";
import { useRegistry } from "@/lib/keys/use-commands";
import { say } from "@/lib/messages/screens";
import { type Tool, useStage } from "@/lib/stage";
import { FRAME_PIXELS_MAX, PIXELS_PER_SECOND_MIN } from "./model/viewport";

const TOOLS = [
  ["select", "tool.select", MousePointer2],
  ["blade", "tool.blade", Scissors],
  ["slip", "tool.slip", MoveHorizontal],
  ["slide", "tool.slide", ArrowLeftRight],
] as const satisfies readonly (readonly [Tool, CommandId, typeof Flag])[];

const CUTS = [
  ["edit.split", SquareSplitHorizontal],
  ["edit.ripple-trim-start", AlignStartVertical],
  ["edit.ripple-trim-end", AlignEndVertical],
] as const satisfies readonly (readonly [CommandId, typeof Flag])[];

type ToolbarProps = {
  readonly canEdit: boolean;
  readonly framesPerSecond: number;
  readonly onZoom: (pixelsPerSecond: number) => void;
  /** Transport stands in the middle. */
  readonly children: ReactNode;
};

export const TimelineToolbar = ({ canEdit, framesPerSecond, onZoom, children }: ToolbarProps) => (
  <div
    role="toolbar"
    aria-label={say.timeline.tools}
    className="grid h-10 shrink-0 grid-cols-[1fr_auto_1fr] items-center gap-2 overflow-hidden max-lg:flex max-lg:justify-between border-b border-divider bg-panel px-2"
  >
    <div className="flex min-w-0 items-center gap-0.5">{canEdit && <EditTools />}</div>
    {children}
    <ZoomTools framesPerSecond={framesPerSecond} onZoom={onZoom} />
  </div>
);

const EditTools = () => {
  const keyOf = useFirstKey();
  const registry = useRegistry();
  const tool = useStage((stage) => stage.tool);
  const setTool = useStage((stage) => stage.setTool);
  return (
    <>
      {TOOLS.map(([id, command, icon]) => (
        <IconButton
          key={id}
          label={say.command[command]}
          keys={keyOf(command)}
          icon={icon}
          pressed={tool === id}
          className={id === "slip" || id === "slide" ? "max-lg:hidden" : ""}
          onClick={() => setTool(id)}
        />
      ))}
      <Seam />
      {CUTS.map(([command, icon]) => (
        <IconButton
          key={command}
          label={say.command[command]}
          keys={keyOf(command)}
          icon={icon}
          onClick={() => registry.run(command)}
        />
      ))}
      <Seam />
      <Switches />
      <Seam />
      <IconButton
        label={say.command["marker.add"]}
        keys={keyOf("marker.add")}
        icon={Flag}
        onClick={() => registry.run("marker.add")}
      />
    </>
  );
};

const Switches = () => {
  const keyOf = useFirstKey();
  const { ripple, snap, linked, set } = useStage();
  return (
    <>
      <IconButton
        label={say.timeline.ripple}
        reason={say.timeline.rippleHint}
        icon={FoldHorizontal}
        pressed={ripple}
        tone="warn"
        onClick={() => set({ ripple: !ripple })}
      />
      <IconButton
        label={say.command["tool.snap"]}
        keys={keyOf("tool.snap")}
        icon={Magnet}
        pressed={snap}
        onClick={() => set({ snap: !snap })}
      />
      <IconButton
        label={say.timeline.link}
        reason={say.timeline.linkHint}
        icon={Link2}
        pressed={linked}
        onClick={() => set({ linked: !linked })}
      />
    </>
  );
};

type ZoomProps = Pick<ToolbarProps, "framesPerSecond" | "onZoom">;

const ZoomTools = ({ framesPerSecond, onZoom }: ZoomProps) => {
  const keyOf = useFirstKey();
  const registry = useRegistry();
  const pixelsPerSecond = useStage((stage) => stage.view.pixelsPerSecond);
  const low = Math.log(Math.max(1, PIXELS_PER_SECOND_MIN));
  const high = Math.log(FRAME_PIXELS_MAX * framesPerSecond);
  return (
    <div className="flex items-center justify-end gap-0.5">
      <IconButton
        label={say.command["view.zoom-out"]}
        keys={keyOf("view.zoom-out")}
        icon={ZoomOut}
        onClick={() => registry.run("view.zoom-out")}
      />
      <input
        type="range"
        aria-label={say.timeline.zoom}
        min={low}
        max={high}
        step="any"
        value={Math.log(Math.max(1, pixelsPerSecond))}
        onChange={(event) => onZoom(Math.exp(Number(event.target.value)))}
        className="slider w-28 max-lg:hidden"
      />
      <IconButton
        label={say.command["view.zoom-in"]}
        keys={keyOf("view.zoom-in")}
        icon={ZoomIn}
        onClick={() => registry.run("view.zoom-in")}
      />
      <IconButton
        label={say.command["view.fit"]}
        keys={keyOf("view.fit")}
        icon={Maximize2}
        onClick={() => registry.run("view.fit")}
      />
    </div>
  );
};
