/** Asks before something is done that people do not take back easily. */
import type { ReactNode } from "react";
import { say } from "@/lib/messages/screens";
import { Button, type ButtonLook, ButtonRow } from "./button";
import { Dialog } from "./dialog";

type ConfirmDialogProps = {
  readonly title: string;
  readonly action: string;
  readonly look?: ButtonLook;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
};

export const ConfirmDialog = ({
  title,
  action,
  look = "danger",
  onConfirm,
  onClose,
  children,
}: ConfirmDialogProps) => (
  <Dialog
    title={title}
    closeLabel={say.common.close}
    onClose={onClose}
    footer={
      <ButtonRow>
        <Button onClick={onClose}>{say.common.cancel}</Button>
        <Button
          look={look}
          onClick={() => {
            onConfirm();
            onClose();
          }}
        >
          {action}
        </Button>
      </ButtonRow>
    }
  >
    {children}
  </Dialog>
);
