/**
 * The trim view: the pictures beside the cuts that a hand is moving, in place of the preview's own.
 * One for an edge, two for a roll, four for slip and slide. Live, from proxies.
 */
import { useEffect, useRef } from "react";
import type { Asset } from "@/lib/api/types";
import { sayTrim } from "@/lib/messages/trim";
import { useServices } from "@/lib/services";
import { type TrimPicture, useStage } from "@/lib/stage";
import { seekSeconds } from "./seek";

const COLUMNS: Readonly<Record<number, string>> = { 1: "grid-cols-1", 2: "grid-cols-2" };

export const TrimView = () => {
  const shown = useStage((stage) => stage.trimView);
  if (!shown || shown.pictures.length === 0) return null;
  const { pictures } = shown;
  return (
    <div
      aria-hidden="true"
      data-testid="trim-view"
      className={`pointer-events-none absolute inset-3 z-10 grid content-center gap-1 bg-canvas ${COLUMNS[pictures.length] ?? "grid-cols-2"}`}
    >
      {pictures.map((picture, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a place keeps its player while its picture changes
        <Picture key={`${picture.label}-${index}`} picture={picture} />
      ))}
    </div>
  );
};

const Picture = ({ picture }: { readonly picture: TrimPicture }) => {
  const { catalog } = useServices();
  const asset = catalog.asset(picture.asset);
  return (
    <figure className="relative m-0 grid min-h-0 place-items-center overflow-hidden">
      {asset?.kind === "image" ? (
        <img src={asset.urls.proxy ?? ""} alt="" className="max-h-full max-w-full object-contain" />
      ) : (
        asset?.urls.proxy && <Moving asset={asset} url={asset.urls.proxy} at={picture.at} />
      )}
      <figcaption className="absolute start-1 bottom-1 rounded-control bg-canvas/80 px-1.5 text-dense text-text">
        {sayTrim[picture.label]}
      </figcaption>
    </figure>
  );
};

type MovingProps = { readonly asset: Asset; readonly url: string; readonly at: number };

const Moving = ({ asset, url, at }: MovingProps) => {
  const player = useRef<HTMLVideoElement>(null);
  const wanted = useRef(0);
  const { facts } = asset;
  wanted.current = seekSeconds(
    at,
    facts?.fps_num ?? 30,
    facts?.fps_den ?? 1,
    facts?.duration ?? null,
  );
  useEffect(() => {
    const element = player.current;
    if (element && !element.seeking) element.currentTime = wanted.current;
  });
  return (
    <video
      ref={player}
      src={url}
      muted
      playsInline
      preload="auto"
      // Only the newest wish is sought: a hand is quicker than a decoder.
      onSeeked={(event) => {
        const element = event.currentTarget;
        if (element.currentTime !== wanted.current) element.currentTime = wanted.current;
      }}
      className="max-h-full w-full object-contain"
    />
  );
};
