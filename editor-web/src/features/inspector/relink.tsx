/** Another medium for a clip that has lost its own, and for every clip that has lost the same. */
import { useId } from "react";
import { useDocument } from "@/collab/hooks";
import { useEdit } from "@/collab/use-edit";
import { Select } from "@/components/ui/field";
import type { AssetKind } from "@/lib/api/types";
import { sayInspector as words } from "@/lib/messages/inspector";
import type { DocRecord } from "@/timeline-core/model";
import { Row } from "./rows";
import { useAssets } from "./use-assets";
import { propertyOf } from "./values";

type RelinkProps = {
  readonly id: string;
  readonly record: DocRecord;
  readonly workspace: string;
};

export const Relink = ({ id, record, workspace }: RelinkProps) => {
  const field = useId();
  const editing = useEdit();
  const { clips, tracks } = useDocument();
  const lost = propertyOf(record, "asset", "");
  const isSound = (clip: DocRecord): boolean =>
    propertyOf<string>(tracks.get(propertyOf(clip, "track", "")) ?? {}, "kind", "video") ===
    "audio";
  const kinds: readonly AssetKind[] = isSound(record) ? ["audio", "video"] : ["video", "image"];
  const choice = useAssets(workspace, kinds);
  const alike = [...clips].filter(
    ([other, clip]) =>
      other === id ||
      (lost !== "" && propertyOf(clip, "asset", "") === lost && clip["removed"] !== true),
  );
  const relink = (asset: string) =>
    void editing.run(alike.map(([clip]) => ({ op: "replace", clip, asset, linked: false })));
  return (
    <div className="px-3">
      <Row label={words.relink} id={field}>
        <Select
          id={field}
          value=""
          onChange={(event) => event.target.value !== "" && relink(event.target.value)}
        >
          <option value="">{choice.length === 0 ? words.nothingToLink : words.chooseMedia}</option>
          {choice.map((asset) => (
            <option key={asset.id} value={asset.id}>
              {asset.name}
            </option>
          ))}
        </Select>
      </Row>
      {alike.length > 1 && (
        <p className="text-dense text-faint">{words.relinksAll(alike.length)}</p>
      )}
    </div>
  );
};
