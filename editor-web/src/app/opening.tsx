/** What stands there while a page is on its way; nothing for the first moment. */
import { LoaderCircle } from "lucide-react";
import { useLate } from "@/components/ui/states";
import { say } from "@/lib/messages/screens";

export const Opening = () => {
  const late = useLate(true);
  return (
    <main className="grid h-dvh place-items-center bg-canvas" aria-busy="true">
      {late && (
        <p className="flex items-center gap-2 text-dim">
          <LoaderCircle size={16} aria-hidden="true" className="motion-safe:animate-spin" />
          {say.app.opening}
        </p>
      )}
    </main>
  );
};
