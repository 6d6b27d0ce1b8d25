/** A text that is shown to be taken along: a link, a token. */
import { Copy } from "lucide-react";
import { copyText } from "@/lib/copy-text";
import { Button } from "./button";
import { TextInput } from "./field";

type CopyFieldProps = {
  readonly label: string;
  readonly copyLabel: string;
  readonly value: string;
};

export const CopyField = ({ label, copyLabel, value }: CopyFieldProps) => (
  <div className="flex gap-2">
    <TextInput
      readOnly
      aria-label={label}
      value={value}
      onFocus={(event) => event.target.select()}
    />
    <Button icon={Copy} onClick={() => void copyText(value)}>
      {copyLabel}
    </Button>
  </div>
);
