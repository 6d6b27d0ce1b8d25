/** One person: who, what they may do, and the way out. */
import { ChevronDown, LogOut, UserMinus } from "lucide-react";
import { Button, IconButton } from "@/components/ui/button";
import { Menu, type MenuItem } from "@/components/ui/menu";
import { Badge, Row } from "@/components/ui/section";
import type { Member, Role } from "@/lib/api/types";
import { sayProjects } from "@/lib/messages/pages";
import { sayWorkspace as words } from "@/lib/messages/workspace";
import { ROLES, type Standing } from "./standing";

type MemberRowProps = {
  readonly member: Member;
  readonly isMe: boolean;
  readonly standing: Standing;
  readonly onRole: (role: Role) => void;
  readonly onOut: () => void;
};

export const MemberRow = ({ member, isMe, standing, onRole, onOut }: MemberRowProps) => {
  const role = sayProjects.roles[member.role];
  // A menu and no select: that one would give every role that the arrow keys pass.
  const items: readonly MenuItem[] = ROLES.map((id) => ({
    kind: "switch",
    id,
    label: words.choice(sayProjects.roles[id], words.hints[id]),
    checked: id === member.role,
    onSelect: () => id !== member.role && onRole(id),
  }));
  return (
    <Row
      title={
        <>
          <span className="truncate">{member.name}</span>
          {isMe && <Badge>{words.you}</Badge>}
        </>
      }
      detail={isMe && standing.isLastOwner ? words.lastOwner : member.email}
    >
      {standing.mayChange ? (
        <Menu label={words.roleOf(member.name, role)} items={items} align="end">
          <Button aria-label={words.roleOf(member.name, role)} className="w-32">
            {role}
            <ChevronDown size={14} aria-hidden="true" />
          </Button>
        </Menu>
      ) : (
        <span className="text-dim">{role}</span>
      )}
      {standing.mayRemove && (
        <IconButton label={words.remove(member.name)} icon={UserMinus} onClick={onOut} />
      )}
      {standing.mayLeave && <IconButton label={words.leave} icon={LogOut} onClick={onOut} />}
    </Row>
  );
};
