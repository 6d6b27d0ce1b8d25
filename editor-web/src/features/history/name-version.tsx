/** Everything is saved already; what a person can add is a name to find this moment by. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button, ButtonRow } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, TextInput } from "@/components/ui/field";
import { nameNow, renameVersion, versionsKey } from "@/lib/api/history";
import type { Version } from "@/lib/api/types";
import { sayHistory } from "@/lib/messages/history";
import { say } from "@/lib/messages/screens";
import { useServices } from "@/lib/services";
import { toast } from "@/lib/toast";

type NameProps = {
  readonly project: string;
  /** One that kept itself; without it the moment of now gets the name. */
  readonly version?: string;
  readonly onNamed?: (version: Version) => void;
  readonly onClose: () => void;
};

export const NameVersion = ({ project, version, onNamed, onClose }: NameProps) => {
  const keep = useNaming(project, version, onNamed);
  const [typed, setTyped] = useState("");
  const name = typed.trim();
  const save = () => {
    if (name === "") return;
    keep.mutate(name);
    onClose();
  };
  return (
    <Dialog
      title={version === undefined ? sayHistory.nameTitle : sayHistory.nameThis}
      closeLabel={say.common.close}
      onClose={onClose}
      footer={
        <ButtonRow>
          <Button onClick={onClose}>{say.common.cancel}</Button>
          <Button look="primary" disabled={name === ""} onClick={save}>
            {sayHistory.nameSave}
          </Button>
        </ButtonRow>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <Field label={sayHistory.nameLabel}>
          {(id) => (
            <TextInput
              id={id}
              maxLength={200}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          )}
        </Field>
        <p className="mt-2 text-dense text-dim">{sayHistory.nameHint}</p>
      </form>
    </Dialog>
  );
};

function useNaming(
  project: string,
  version: string | undefined,
  onNamed: ((version: Version) => void) | undefined,
) {
  const { api } = useServices();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      version === undefined
        ? nameNow(api, project, name)
        : renameVersion(api, project, version, name),
    onSuccess: (named) => {
      void queries.invalidateQueries({ queryKey: versionsKey(project) });
      toast.success(sayHistory.named(named.name));
      onNamed?.(named);
    },
    onError: () => toast.error(sayHistory.nameFailed),
  });
}
