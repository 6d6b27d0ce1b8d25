/** Menus: from a button, or at a point of the canvas. */
import { DropdownMenu } from "radix-ui";
import { Fragment, type ReactNode } from "react";
import { classNames } from "./class-names";
import { Keys } from "./tooltip";

export type MenuItem =
  | {
      readonly kind: "item";
      readonly id: string;
      readonly label: string;
      readonly keys?: string | undefined;
      readonly disabled?: boolean;
      readonly danger?: boolean;
      readonly onSelect: () => void;
    }
  | {
      readonly kind: "switch";
      readonly id: string;
      readonly label: string;
      readonly checked: boolean;
      readonly onSelect: () => void;
    }
  | { readonly kind: "seam"; readonly id: string };

const ITEM =
  "flex h-7 cursor-default select-none items-center gap-6 rounded-control px-2 text-body outline-none data-[highlighted]:bg-hover data-[disabled]:text-faint/60";

const MenuBody = ({ items }: { readonly items: readonly MenuItem[] }) => (
  <>
    {items.map((item) => (
      <Fragment key={item.id}>
        {item.kind === "seam" && <DropdownMenu.Separator className="mx-1 my-1 h-px bg-divider" />}
        {item.kind === "switch" && (
          <DropdownMenu.CheckboxItem
            className={ITEM}
            checked={item.checked}
            onSelect={item.onSelect}
          >
            <span className="-me-4 w-4 text-accent">{item.checked ? "✓" : ""}</span>
            <span className="flex-1">{item.label}</span>
          </DropdownMenu.CheckboxItem>
        )}
        {item.kind === "item" && (
          <DropdownMenu.Item
            className={classNames(ITEM, item.danger && "text-bad")}
            disabled={item.disabled ?? false}
            onSelect={item.onSelect}
          >
            <span className="flex-1">{item.label}</span>
            {item.keys && <Keys keys={item.keys} />}
          </DropdownMenu.Item>
        )}
      </Fragment>
    ))}
  </>
);

const PANEL =
  "z-40 min-w-44 rounded-panel border border-divider bg-raised p-1 text-text shadow-xl shadow-canvas/70";

type MenuProps = {
  readonly label: string;
  readonly items: readonly MenuItem[];
  readonly children: ReactNode;
  readonly align?: "start" | "end";
};

/** A menu below the button given as its child. */
export const Menu = ({ label, items, children, align = "start" }: MenuProps) => (
  <DropdownMenu.Root modal={false}>
    <DropdownMenu.Trigger asChild>{children}</DropdownMenu.Trigger>
    <DropdownMenu.Portal>
      <DropdownMenu.Content
        aria-label={label}
        align={align}
        sideOffset={4}
        collisionPadding={8}
        className={PANEL}
      >
        <MenuBody items={items} />
      </DropdownMenu.Content>
    </DropdownMenu.Portal>
  </DropdownMenu.Root>
);

type MenuAtProps = {
  readonly label: string;
  readonly items: readonly MenuItem[];
  readonly at: { readonly x: number; readonly y: number };
  readonly onClose: () => void;
};

/** A menu at a point of the page, for right clicks on what is drawn. */
export const MenuAt = ({ label, items, at, onClose }: MenuAtProps) => (
  <DropdownMenu.Root open={true} modal={false} onOpenChange={(open) => !open && onClose()}>
    <DropdownMenu.Trigger asChild>
      <span className="fixed size-px" style={{ left: at.x, top: at.y }} />
    </DropdownMenu.Trigger>
    <DropdownMenu.Portal>
      <DropdownMenu.Content
        aria-label={label}
        align="start"
        sideOffset={2}
        collisionPadding={8}
        className={PANEL}
      >
        <MenuBody items={items} />
      </DropdownMenu.Content>
    </DropdownMenu.Portal>
  </DropdownMenu.Root>
);
