/** What the preview needs of the server, from the catalogue of assets and the API. */
import type { AssetCatalog } from "@/lib/api/assets";
import { type Api, answered } from "@/lib/api/client";
import type { PreviewAsset } from "./picture-supply";
import type { TextService } from "./text-supply";

const FPS = 30; // of what has no rate of its own

export const previewAsset = (
  catalog: AssetCatalog,
  id: string,
): PreviewAsset | undefined | null => {
  const asset = catalog.asset(id);
  if (!asset) return asset;
  return {
    name: asset.name,
    kind: asset.kind,
    url: asset.urls.proxy,
    isPreparing: asset.proxy === "pending",
    original: asset.urls.content,
    hasPicture: asset.facts?.has_video ?? asset.kind !== "audio",
    num: asset.facts?.fps_num || FPS,
    den: asset.facts?.fps_den || 1,
    width: asset.facts?.width ?? 0,
    height: asset.facts?.height ?? 0,
  };
};

export const assetSound = (
  catalog: AssetCatalog,
  id: string,
): { readonly url: string; readonly channels: number } | null => {
  const asset = catalog.asset(id);
  if (!asset?.facts?.has_audio || asset.urls.proxy === null) return null;
  return { url: asset.urls.proxy, channels: asset.facts.channels ?? 2 };
};

export const textService = (api: Api, apiUrl: string): TextService => ({
  fonts: async () => {
    const { items } = await answered(api.GET("/fonts"));
    return items.map(({ hash }) => hash);
  },
  draw: async (specs) => {
    const { images } = await answered(api.POST("/text-images", { body: { images: [...specs] } }));
    return images.map((image) => ({ ...image, url: `${apiUrl}/text-images/${image.id}` }));
  },
});
