/** Sends a file by tus, resumed after a reload; fetched with the first file. */
import { type DetailedError, Upload } from "tus-js-client";
import { type Problem, ProblemError, problemTold, unreachable } from "@/lib/problem";
import type { Sender } from "./uploads";

const CHUNK_BYTES = 8 * 1024 * 1024; // small enough to resume cheaply, large enough for a fast line
const RETRY_DELAYS_MS = [0, 1000, 3000, 5000, 10_000];
const ASSET_HEADER = "Upload-Asset";

/** The asset is told in a header of the last answer; without it, it has the upload's own id. */
const assetOf = (upload: Upload, told: string | undefined): string =>
  told ?? upload.url?.split("/").pop() ?? "";

/** What the server said of an upload; where it said nothing, that it cannot be reached. */
const refusalOf = (cause: Error | DetailedError): Problem => {
  const answer = "originalResponse" in cause ? cause.originalResponse : null;
  if (!answer) return unreachable(cause);
  return problemTold(answer.getStatus(), answer.getBody(), (name) => answer.getHeader(name));
};

export const sendByTus: Sender = (file, target, onSent, signal) => {
  return new Promise((resolve, reject) => {
    let told: string | undefined;
    const metadata: Record<string, string> = {
      filename: file.name,
      filetype: file.type,
      workspace: target.workspace,
      ...(target.project === undefined ? {} : { project: target.project }),
    };
    const upload = new Upload(file, {
      endpoint: `${target.apiUrl}/uploads`,
      chunkSize: CHUNK_BYTES,
      retryDelays: RETRY_DELAYS_MS,
      removeFingerprintOnSuccess: true,
      metadata,
      onProgress: onSent,
      onAfterResponse: (_request, response) => {
        told = response.getHeader(ASSET_HEADER) ?? told;
      },
      onSuccess: () => resolve(assetOf(upload, told)),
      onError: (cause) => reject(new ProblemError(refusalOf(cause))),
    });
    signal.addEventListener("abort", () => {
      void upload.abort(true).then(() => reject(signal.reason as Error));
    });
    void upload.findPreviousUploads().then(([previous]) => {
      if (previous !== undefined) upload.resumeFromPreviousUpload(previous);
      upload.start();
    });
  });
};
