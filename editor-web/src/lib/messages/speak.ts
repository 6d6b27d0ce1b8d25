/** Fetches the words of a language and puts them in the place of the English ones. */
import { isLanguage, setLanguage } from "./language";

/** Every word in brackets: what is seen without them was never put among the words. */
const PSEUDO = "qps";

/** Once, before anything is drawn; what is no language leaves the words as they are. */
export async function speak(wanted: unknown): Promise<void> {
  if (wanted === PSEUDO) {
    const { bracketAll } = await import("./pseudo");
    bracketAll();
  }
  if (!isLanguage(wanted) || wanted === "en") return;
  setLanguage(wanted);
  const { putGerman } = await import("./de/german");
  putGerman();
  document.documentElement.lang = wanted;
}
