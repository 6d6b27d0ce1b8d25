/** How Cutroom looks and speaks to this person. */
import { Button, ButtonRow } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Select } from "@/components/ui/field";
import { isLanguage, LANGUAGES, language } from "@/lib/messages/language";
import { sayLook } from "@/lib/messages/look";
import { say } from "@/lib/messages/screens";
import { type Theme, usePreferences } from "@/lib/preferences";
import { themeOf } from "@/lib/theme";

export const LookDialog = ({ onClose }: { readonly onClose: () => void }) => {
  const { values, put } = usePreferences();
  const spoken = isLanguage(values.language) ? values.language : "en";
  return (
    <Dialog
      title={sayLook.title}
      closeLabel={say.common.close}
      onClose={onClose}
      footer={
        <ButtonRow>
          {spoken === language() ? (
            <Button look="primary" onClick={onClose}>
              {say.common.close}
            </Button>
          ) : (
            <Button look="primary" onClick={() => window.location.reload()}>
              {sayLook.reload}
            </Button>
          )}
        </ButtonRow>
      }
    >
      <div className="flex flex-col gap-4">
        <Field label={sayLook.theme}>
          {(id) => (
            <Select
              id={id}
              value={themeOf(values.theme)}
              onChange={(event) => put({ theme: event.target.value as Theme })}
            >
              {(["dark", "light", "system"] as const).map((theme) => (
                <option key={theme} value={theme}>
                  {sayLook.themes[theme]}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label={sayLook.language} hint={sayLook.languageHint}>
          {(id) => (
            <Select
              id={id}
              value={spoken}
              onChange={(event) => put({ language: event.target.value })}
            >
              {Object.entries(LANGUAGES).map(([code, name]) => (
                <option key={code} value={code} lang={code}>
                  {name}
                </option>
              ))}
            </Select>
          )}
        </Field>
      </div>
    </Dialog>
  );
};
