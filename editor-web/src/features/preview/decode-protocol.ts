/** What the preview and its decoding worker say to each other. Pictures are numbered in display order. */

export interface MediaAddress {
  /** Address of the proxy (or original) that the browser can decode. */
  readonly url: string;
  /** Pictures per second, exact. */
  readonly num: number;
  readonly den: number;
}

export type ToDecoder =
  | {
      readonly kind: "still";
      readonly request: number;
      readonly media: MediaAddress;
      readonly picture: number;
      /** How many pictures from `picture` on; one answer for each. */
      readonly count: number;
    }
  | {
      readonly kind: "stream";
      readonly stream: number;
      readonly media: MediaAddress;
      readonly first: number;
    }
  | { readonly kind: "taken"; readonly stream: number }
  | { readonly kind: "stop"; readonly stream: number }
  | { readonly kind: "forget"; readonly url: string };

export type FromDecoder =
  | {
      readonly kind: "still";
      readonly request: number;
      readonly picture: number;
      readonly frame: VideoFrame;
    }
  | { readonly kind: "stills-done"; readonly request: number }
  | {
      readonly kind: "frame";
      readonly stream: number;
      readonly picture: number;
      readonly frame: VideoFrame;
    }
  | { readonly kind: "ended"; readonly stream: number }
  | { readonly kind: "failed"; readonly url: string; readonly reason: string };

/** Decoded pictures that may wait in one stream; each is uncompressed. */
export const RING_FRAMES = 8;
