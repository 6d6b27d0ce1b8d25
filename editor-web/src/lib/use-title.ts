/** The title of the window: where one is, then the name of the program. */
import { useEffect } from "react";
import { say } from "./messages/screens";

export function useTitle(here: string): void {
  useEffect(() => {
    document.title = `${here} · ${say.app.name}`;
    return () => {
      document.title = say.app.name;
    };
  }, [here]);
}
