/** Whether the work is safe, in a word or two. "Saved" is said only when it is durable. */
import {
  Check,
  CircleAlert,
  CloudOff,
  Eye,
  LoaderCircle,
  type LucideIcon,
  RefreshCw,
} from "lucide-react";
import { useEffect, useState } from "react";
import { Link } from "wouter";
import { useSaveState, useSession } from "@/collab/hooks";
import type { SaveState } from "@/collab/save-state";
import { classNames } from "@/components/ui/class-names";
import { saveStateText } from "@/lib/messages/en";
import { say } from "@/lib/messages/screens";
import { saveBytes } from "@/lib/save-file";

type Look = { readonly icon: LucideIcon; readonly tone: string; readonly turning?: boolean };

const CALM = "text-dim";
const LOOKS: Readonly<Record<SaveState["kind"], Look>> = {
  loading: { icon: LoaderCircle, tone: CALM, turning: true },
  saving: { icon: LoaderCircle, tone: CALM, turning: true },
  saved: { icon: Check, tone: "text-ok" },
  unsaved: { icon: CircleAlert, tone: "text-warn" },
  offline: { icon: CloudOff, tone: "text-warn" },
  reconnecting: { icon: RefreshCw, tone: "text-warn", turning: true },
  "view-only": { icon: Eye, tone: CALM },
  "no-access": { icon: CircleAlert, tone: "text-bad" },
  full: { icon: CircleAlert, tone: "text-bad" },
  "signed-out": { icon: CircleAlert, tone: "text-bad" },
  unreadable: { icon: CircleAlert, tone: "text-bad" },
};

function wordsOf(state: SaveState, now: number): string {
  switch (state.kind) {
    case "loading":
      return saveStateText.loading();
    case "saving":
      return saveStateText.saving();
    case "saved":
      return saveStateText.saved(state.at === null ? null : Math.max(0, (now - state.at) / 1000));
    case "unsaved":
      return saveStateText.unsaved();
    case "offline":
      return saveStateText.offline(state.edits);
    case "reconnecting":
      return saveStateText.reconnecting();
    case "view-only":
      return saveStateText.viewOnly();
    case "no-access":
      return saveStateText.noAccess();
    case "full":
      return saveStateText.full();
    case "signed-out":
      return saveStateText.signedOut();
    case "unreadable":
      return saveStateText.unreadable();
    default:
      return state satisfies never;
  }
}

export const SaveBadge = () => {
  const session = useSession();
  const state = useSaveState();
  const now = useNow(state.kind === "saved" && state.at !== null);
  const { icon: Icon, tone, turning = false } = LOOKS[state.kind];
  const waiting = state.kind === "offline" || state.kind === "reconnecting";
  return (
    <span className={classNames("flex items-center gap-1.5 whitespace-nowrap text-dense", tone)}>
      <Icon size={13} aria-hidden="true" className={turning ? "motion-safe:animate-spin" : ""} />
      <span role="status" className="tabular-nums">
        {wordsOf(state, now)}
      </span>
      {waiting && (
        <button type="button" onClick={() => session.retry()} className={ACTION}>
          {say.top.retryNow}
        </button>
      )}
      <WayOut state={state} />
    </span>
  );
};

const ACTION = "min-h-6 rounded-control px-1 underline underline-offset-2 hover:text-text";

/** What a person can do once the line is closed for good. */
const WayOut = ({ state }: { readonly state: SaveState }) => {
  const session = useSession();
  switch (state.kind) {
    case "signed-out":
      return (
        <Link
          href={`/signin?next=${encodeURIComponent(window.location.pathname)}`}
          className={ACTION}
        >
          {saveStateText.signIn()}
        </Link>
      );
    case "no-access":
      return (
        <Link href="/?list" className={ACTION}>
          {say.app.toProjects}
        </Link>
      );
    case "unreadable":
    case "full":
      return (
        <>
          <button
            type="button"
            onClick={() => saveBytes(`${session.project}.yjs`, session.unsavedUpdate())}
            className={ACTION}
          >
            {saveStateText.download()}
          </button>
          <button type="button" onClick={() => window.location.reload()} className={ACTION}>
            {saveStateText.reload()}
          </button>
        </>
      );
    default:
      return null;
  }
};

const NOW_EVERY_MS = 5_000;

/** The time of day, moving only while somebody looks at how long ago something was. */
function useNow(moving: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    setNow(Date.now());
    if (!moving) return;
    const timer = setInterval(() => setNow(Date.now()), NOW_EVERY_MS);
    return () => clearInterval(timer);
  }, [moving]);
  return Math.max(now, 0);
}
