/** A choice of roles, each with what it may do. */
import { Select } from "@/components/ui/field";
import type { Role } from "@/lib/api/types";
import { sayProjects } from "@/lib/messages/pages";
import { sayWorkspace as words } from "@/lib/messages/workspace";

type RoleSelectProps = {
  readonly id: string;
  readonly roles: readonly Role[];
  readonly value: Role;
  readonly onChoose: (role: Role) => void;
};

export const RoleSelect = ({ id, roles, value, onChoose }: RoleSelectProps) => (
  <Select id={id} value={value} onChange={(event) => onChoose(event.target.value as Role)}>
    {roles.map((role) => (
      <option key={role} value={role}>
        {words.choice(sayProjects.roles[role], words.hints[role])}
      </option>
    ))}
  </Select>
);
