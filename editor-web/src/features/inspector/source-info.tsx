/** What the selected clip shows: its media, or that there is none. */
import { useQuery } from "@tanstack/react-query";
import { Captions, Film, Layers, TriangleAlert, Type } from "lucide-react";
import { assetQuery } from "@/lib/api/assets";
import { sayInspector } from "@/lib/messages/inspector";
import { useServices } from "@/lib/services";
import type { DocRecord } from "@/timeline-core/model";
import { Relink } from "./relink";
import { propertyOf } from "./values";

const ICONS = { title: Type, captions: Captions, media: Film } as const;

type SourceInfoProps = {
  readonly id: string;
  readonly record: DocRecord;
  readonly workspace: string;
  readonly canEdit: boolean;
};

export const SourceInfo = ({ id, record, workspace, canEdit }: SourceInfoProps) => {
  const { loader } = useServices();
  const kind = propertyOf(record, "kind", "media");
  const asset = propertyOf(record, "asset", "");
  const query = useQuery({ ...assetQuery(loader, asset), enabled: asset !== "" });
  const name =
    propertyOf(record, "name", "") ||
    propertyOf(record, "text", "").split("\n")[0] ||
    query.data?.name;
  const missing =
    kind === "media" && (asset === "" || query.data === null || query.data?.state === "failed");
  const Icon = missing ? TriangleAlert : (ICONS[kind as keyof typeof ICONS] ?? Layers);
  const facts = query.data?.facts;
  return (
    <>
      <header className="flex items-start gap-2 px-3 pt-3 pb-1">
        <Icon
          size={18}
          aria-hidden="true"
          className={missing ? "mt-px text-bad" : "mt-px text-faint"}
        />
        <div className="min-w-0">
          <h2 className="truncate text-heading font-semibold">{name || sayInspector.clip}</h2>
          {missing && (
            <p className="text-dense text-bad">{`${sayInspector.missing}. ${sayInspector.missingHint}`}</p>
          )}
          {!missing && facts && facts.width !== null && (
            <p className="truncate text-dense text-faint tabular-nums">
              {facts.width} × {facts.height} · {query.data?.name}
            </p>
          )}
        </div>
      </header>
      {missing && canEdit && <Relink {...{ id, record, workspace }} />}
    </>
  );
};
