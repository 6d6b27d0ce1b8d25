/** Puts a text on the clipboard and says so. */
import { say } from "./messages/screens";
import { toast } from "./toast";

export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(say.common.copied);
  } catch {
    toast.warning(say.common.notCopied); // a page without TLS has no clipboard
  }
}
