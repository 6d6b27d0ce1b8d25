/** The words of the history in German. */
import { counted } from "../en";
import type { sayHistory } from "../history";
import type { Words } from "../merge";

export const history: Words<typeof sayHistory> = {
  title: "Versionen",
  back: "Zurück zur Zeitleiste",
  list: "Versionen dieses Projekts",
  work: "Wer was getan hat",
  now: "Jetzt",
  nowHint: "Die Zeitleiste, wie sie ist",
  automatic: "Von selbst gesichert",
  reason: (name) => `Gesichert: ${name}`,
  by: (name) => `von ${name}`,
  changes: "Was sich geändert hat",
  changesTo: "Seit dieser Version",
  nothing: "Nichts Sichtbares hat sich geändert",
  more: (count) => `und ${counted(count, "weitere Änderung", "weitere Änderungen")}`,
  loadMore: "Frühere zeigen",
  none: "Noch keine Versionen",
  noneHint:
    "Eine bleibt, wenn alle eine Pause machen, nach jeder Stunde Arbeit und vor jedem Zurückholen.",
  noWork: "Noch hat niemand etwas geändert",
  choose: "Wähle eine Version, um sie anzusehen",
  viewing: (name) => `Zu sehen: ${name}`,
  restore: "Diese Version zurückholen",
  restoreTitle: (name) => `${name} zurückholen?`,
  restoreMeaning:
    "Die Zeitleiste wird für alle so, wie sie damals war. Das ist eine Änderung: Rückgängig bringt den jetzigen Stand wieder, und eine Version davon bleibt.",
  restoring: "Wird zurückgeholt",
  restored: (name) => `${name} ist zurück`,
  restoreFailed: "Die Version wurde nicht zurückgeholt",
  undoHint: "Rückgängig nimmt es zurück.",
  nameTitle: "Schon gesichert. Dieser Version einen Namen geben?",
  nameThis: "Dieser Version einen Namen geben",
  nameLabel: "Name",
  nameSave: "Sichern",
  nameHint: "Jede Änderung ist schon gesichert. Mit einem Namen findest du diesen Moment wieder.",
  named: (name) => `Als „${name}“ behalten`,
  nameFailed: "Die Version hat keinen Namen bekommen",
  loadFailed: "Die Versionen konnten nicht geladen werden",
  changesFailed: "Was sich geändert hat, war nicht lesbar",
  versionFailed: "Diese Version konnte nicht geöffnet werden",
};
