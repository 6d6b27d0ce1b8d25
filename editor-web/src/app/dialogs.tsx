/** Dialogs over the editor, each fetched when it is first opened. */
import { lazy, Suspense } from "react";
import type { Project } from "@/lib/api/types";
import type { OpenDialog } from "./names";

const ExportDialog = lazy(() =>
  import("@/features/exports/export-dialog").then((module) => ({ default: module.ExportDialog })),
);
const ExportHistory = lazy(() =>
  import("@/features/exports/export-history").then((module) => ({ default: module.ExportHistory })),
);
const ExportTray = lazy(() =>
  import("@/features/exports/export-tray").then((module) => ({ default: module.ExportTray })),
);
const NameVersion = lazy(() =>
  import("@/features/history/name-version").then((module) => ({ default: module.NameVersion })),
);
const ShareDialog = lazy(() =>
  import("@/features/share/share-dialog").then((module) => ({ default: module.ShareDialog })),
);
const ShortcutsDialog = lazy(() =>
  import("@/features/shortcuts/shortcuts-dialog").then((module) => ({
    default: module.ShortcutsDialog,
  })),
);
const LookDialog = lazy(() =>
  import("./look-dialog").then((module) => ({ default: module.LookDialog })),
);
const CommandPalette = lazy(() =>
  import("@/features/shortcuts/command-palette").then((module) => ({
    default: module.CommandPalette,
  })),
);

type DialogsProps = {
  readonly project: Project;
  readonly open: OpenDialog | null;
  readonly here: () => string;
  readonly onClose: () => void;
};

export const Dialogs = ({
  project: { id: project, workspace, role },
  open,
  here,
  onClose,
}: DialogsProps) => (
  <>
    {/* Apart from the dialogs: what is fetched late hides all that waits with it, and a dialog lost its focus. */}
    <Suspense>
      <ExportTray project={project} />
    </Suspense>
    <Suspense>
      {open === "look" && <LookDialog onClose={onClose} />}
      {open === "export" && (
        <ExportDialog
          {...{ project, workspace, onClose }}
          mayBuy={role === "owner" || role === "billing"}
        />
      )}
      {open === "history" && <ExportHistory project={project} onClose={onClose} />}
      {open === "version" && <NameVersion project={project} onClose={onClose} />}
      {open === "share" && <ShareDialog project={project} here={here} onClose={onClose} />}
      {open === "shortcuts" && <ShortcutsDialog onClose={onClose} />}
      {open === "palette" && <CommandPalette onClose={onClose} />}
    </Suspense>
  </>
);
