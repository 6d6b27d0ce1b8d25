/** The end of an account: what goes and what stays is told before it is asked for. */
import { type ReactNode, useState } from "react";
import { Button } from "@/components/ui/button";
import { Section } from "@/components/ui/section";
import type { Me } from "@/lib/api/types";
import { sayAccount as words } from "@/lib/messages/account";
import { DeletionDialog } from "./deletion-dialog";

type DeleteAccountProps = { readonly me: Me; readonly onDeleted: () => void };

export const DeleteAccount = ({ me, onDeleted }: DeleteAccountProps): ReactNode => {
  const [asked, setAsked] = useState(false);
  return (
    <Section
      title={words.deletion}
      hint={words.deletionHint}
      action={
        <Button look="danger" onClick={() => setAsked(true)}>
          {words.deleteMine}
        </Button>
      }
    >
      {asked && <DeletionDialog me={me} onDeleted={onDeleted} onClose={() => setAsked(false)} />}
    </Section>
  );
};
