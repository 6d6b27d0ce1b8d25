/** The effects of a clip or of the whole film, in the order in which they work. */
import { ArrowDown, ArrowUp, Plus, Trash2 } from "lucide-react";
import { useId } from "react";
import { useDocument } from "@/collab/hooks";
import { useEdit } from "@/collab/use-edit";
import { Button, IconButton } from "@/components/ui/button";
import { Select } from "@/components/ui/field";
import { Menu } from "@/components/ui/menu";
import { NumberField } from "@/components/ui/number-field";
import { sayEffects } from "@/lib/messages/effects";
import { say } from "@/lib/messages/screens";
import type { DocRecord } from "@/timeline-core/model";
import {
  addEffectCommand,
  type EffectKind,
  effectsOf,
  isEffectKind,
  moveCommands,
} from "./effects";
import { NumberRow } from "./number-row";
import { ChoiceRow, ColorRow, Group, Row, SubjectProvider, SwitchRow, useProperty } from "./rows";
import { useAssets } from "./use-assets";
import { propertyOf } from "./values";

const words = sayEffects;

type EffectStackProps = {
  readonly owner: string;
  /** The owner, if it is a clip: its effects move in its own time, others in the sequence's. */
  readonly clip?: DocRecord;
  readonly workspace: string;
  readonly canEdit: boolean;
  readonly title?: string;
};

export const EffectStack = ({ owner, clip, workspace, canEdit, title }: EffectStackProps) => {
  const { effects } = useDocument();
  const editing = useEdit();
  const own = effectsOf(effects, owner);
  return (
    <Group title={title ?? words.title}>
      {own.length === 0 && <p className="text-dense text-faint">{words.none}</p>}
      <ol className="flex flex-col gap-1.5">
        {own.map(([id, record], index) => (
          <EffectItem
            key={id}
            {...{ id, record, workspace, canEdit }}
            clock={clip ?? {}}
            onMove={(by) => void editing.run(moveCommands(own, index, by))}
            isFirst={index === 0}
            isLast={index === own.length - 1}
          />
        ))}
      </ol>
      {canEdit && (
        <Menu
          label={words.add}
          items={(Object.keys(words.kinds) as EffectKind[]).map((kind) => ({
            kind: "item",
            id: kind,
            label: words.kinds[kind],
            onSelect: () => void editing.run([addEffectCommand(owner, kind)]),
          }))}
        >
          <Button small icon={Plus} className="mt-1 self-start">
            {words.add}
          </Button>
        </Menu>
      )}
    </Group>
  );
};

type EffectItemProps = {
  readonly id: string;
  readonly record: DocRecord;
  readonly clock: DocRecord;
  readonly workspace: string;
  readonly canEdit: boolean;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly onMove: (by: -1 | 1) => void;
};

const EffectItem = (props: EffectItemProps) => {
  const { id, record, clock, workspace, canEdit, isFirst, isLast, onMove } = props;
  const editing = useEdit();
  const kind = propertyOf<string>(record, "kind", "");
  const name = isEffectKind(kind) ? words.kinds[kind] : kind;
  const subject = { map: "effects", ids: [id], records: [record], canEdit, clock } as const;
  return (
    <li className="rounded-control border border-divider px-2 py-1">
      <SubjectProvider value={subject}>
        <div className="flex items-center gap-0.5">
          <Bypass name={name} />
          {canEdit && (
            <>
              <IconButton
                label={words.up(name)}
                icon={ArrowUp}
                iconSize={14}
                disabled={isFirst}
                onClick={() => onMove(-1)}
              />
              <IconButton
                label={words.down(name)}
                icon={ArrowDown}
                iconSize={14}
                disabled={isLast}
                onClick={() => onMove(1)}
              />
              <IconButton
                label={words.remove(name)}
                icon={Trash2}
                iconSize={14}
                onClick={() => void editing.run([{ op: "remove", map: "effects", id }])}
              />
            </>
          )}
        </div>
        {kind === "color" && <ColorRows />}
        {kind === "lut" && <LookRows workspace={workspace} />}
        {kind === "blur" && <ShareRow label={words.sigma} name="p:sigma_h" usual={0} step={0.1} />}
        {kind === "sharpen" && (
          <>
            <NumberRow label={words.amount} name="p:amount" usual={0} min={0} max={10} step={0.1} />
            <ShareRow label={words.radius} name="p:sigma_h" usual={0.002} step={0.05} />
          </>
        )}
        {kind === "mosaic" && (
          <ShareRow label={words.blocks} name="p:size_h" usual={0} step={0.5} />
        )}
        {kind === "mask" && <MaskRows />}
        {kind === "chroma_key" && (
          <>
            <ColorRow label={words.keyColor} name="p:color" usual="#00ff00" />
            <ShareRow label={words.tolerance} name="p:tolerance" usual={0.2} step={1} />
            <ShareRow label={words.sigma} name="p:softness" usual={0.1} step={1} />
            <ShareRow label={words.spill} name="p:spill" usual={0.5} step={1} />
          </>
        )}
      </SubjectProvider>
    </li>
  );
};

const Bypass = ({ name }: { readonly name: string }) => {
  const { value, canEdit, write } = useProperty<boolean>("enabled", true);
  return (
    <label className="flex min-h-7 min-w-0 flex-1 items-center gap-2 text-dense font-semibold">
      <input
        type="checkbox"
        className="switch"
        aria-label={words.on(name)}
        disabled={!canEdit}
        checked={value}
        onChange={(event) => write(event.target.checked)}
      />
      <span className="truncate">{name}</span>
    </label>
  );
};

type ShareRowProps = {
  readonly label: string;
  readonly name: string;
  readonly usual: number;
  readonly step: number;
};

/** A number from 0 to 1 as a percentage. */
const ShareRow = (props: ShareRowProps) => (
  <NumberRow {...props} scale={100} min={0} max={1} unit=" %" />
);

const MaskRows = () => (
  <>
    <ChoiceRow label={words.shape} name="p:shape" usual="rectangle" choices={words.shapes} />
    <CornerRows />
    <ShareRow label={words.feather} name="p:feather_h" usual={0} step={0.5} />
    <SwitchRow label={words.invert} name="p:invert" usual={false} />
  </>
);

const SIDES = [
  [words.left, 0, 0],
  [words.top, 0, 1],
  [words.right, 1, 0],
  [words.bottom, 1, 1],
] as const;
const USUAL_CORNERS = [
  [0.25, 0.25],
  [0.75, 0.75],
];

/** The two corners of what lies around the outline; a polygon of more points is drawn by programs. */
const CornerRows = () => {
  const { value, canEdit, write } = useProperty<number[][]>("p:points", USUAL_CORNERS);
  if (value.length !== 2) return null;
  return SIDES.map(([label, point, axis]) => (
    <NumberField
      key={label}
      label={label}
      value={100 * (value[point]?.[axis] ?? 0)}
      usual={100 * (USUAL_CORNERS[point]?.[axis] ?? 0)}
      resetLabel={say.common.reset(label)}
      min={-1000}
      max={1000}
      step={1}
      unit=" %"
      disabled={!canEdit}
      onCommit={(next) =>
        write(
          value.map((corner, index) => (index === point ? corner.with(axis, next / 100) : corner)),
        )
      }
    />
  ));
};

const ColorRows = () => (
  <>
    <NumberRow
      label={words.exposure}
      name="p:exposure_stops"
      usual={0}
      min={-10}
      max={10}
      step={0.1}
      unit={words.stops}
    />
    <NumberRow label={words.contrast} name="p:contrast" usual={1} min={0} max={4} step={0.05} />
    <NumberRow label={words.saturation} name="p:saturation" usual={1} min={0} max={4} step={0.05} />
    <NumberRow
      label={words.temperature}
      name="p:temperature_k"
      usual={6500}
      min={1000}
      max={40_000}
      step={100}
      digits={0}
      unit={words.kelvin}
    />
    <NumberRow label={words.tint} name="p:tint" usual={0} min={-1} max={1} step={0.02} />
  </>
);

const LookRows = ({ workspace }: { readonly workspace: string }) => {
  const id = useId();
  const { value, canEdit, write } = useProperty<string>("p:asset", "");
  const looks = useAssets(workspace, ["lut"]);
  return (
    <>
      <Row label={words.look} id={id}>
        <Select
          id={id}
          disabled={!canEdit}
          value={value}
          onChange={(event) => write(event.target.value)}
        >
          <option value="">{words.noLook}</option>
          {value !== "" && !looks.some((look) => look.id === value) && (
            <option value={value}>{value}</option>
          )}
          {looks.map((look) => (
            <option key={look.id} value={look.id}>
              {look.name}
            </option>
          ))}
        </Select>
      </Row>
      {looks.length === 0 && <p className="text-dense text-faint">{words.noLooks}</p>}
      <NumberRow
        label={words.mix}
        name="p:mix"
        usual={1}
        scale={100}
        min={0}
        max={1}
        step={1}
        digits={0}
        unit=" %"
      />
    </>
  );
};
