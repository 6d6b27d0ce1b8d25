/** A file on its way: how much of it is there, and what to do when it stops. */
import { Upload as UploadIcon, X } from "lucide-react";
import { IconButton } from "@/components/ui/button";
import { classNames } from "@/components/ui/class-names";
import { Progress } from "@/components/ui/states";
import type { Upload } from "@/lib/api/uploads";
import { bytes } from "@/lib/messages/figures";
import { say } from "@/lib/messages/screens";
import { useServices } from "@/lib/services";

type UploadItemProps = { readonly upload: Upload; readonly look: "list" | "grid" };

export const UploadItem = ({ upload, look }: UploadItemProps) => {
  const { uploads } = useServices();
  const failed = upload.state === "failed";
  const done = upload.state === "done";
  const part = upload.sizeBytes === 0 ? 1 : upload.sentBytes / upload.sizeBytes;
  const text = failed
    ? (upload.error ?? say.media.uploadFailed)
    : done
      ? say.media.preparing
      : upload.state === "queued"
        ? say.media.queued
        : say.media.uploading(part);
  return (
    <li
      className={classNames(
        "relative rounded-control",
        look === "grid"
          ? "flex flex-col"
          : "flex items-center gap-2 border-b border-divider/60 py-1 ps-1",
      )}
    >
      <span
        className={classNames(
          "grid shrink-0 place-items-center rounded-control bg-canvas text-accent",
          look === "grid" ? "aspect-video w-full" : "h-9 w-16",
        )}
      >
        <UploadIcon size={18} aria-hidden="true" className={failed ? "text-bad" : ""} />
      </span>
      <span className={classNames("min-w-0", look === "grid" ? "px-1 pt-1 pb-1.5" : "flex-1 pe-8")}>
        <span className="block truncate text-dense text-text">{upload.name}</span>
        <span
          className={classNames("block text-dense", failed ? "text-bad" : "truncate text-accent")}
          title={text}
        >
          {text}
        </span>
        {!failed && (
          <span className="mt-1 block">
            <Progress
              value={done ? null : part}
              label={`${upload.name}: ${text}, ${bytes(upload.sizeBytes)}`}
            />
          </span>
        )}
      </span>
      <span className="absolute end-1 top-1">
        <IconButton
          label={failed ? say.media.dismiss : say.media.cancel(upload.name)}
          icon={X}
          iconSize={14}
          className="size-6 bg-canvas/70"
          onClick={() => (failed || done ? uploads.forget(upload.id) : uploads.cancel(upload.id))}
        />
      </span>
    </li>
  );
};
