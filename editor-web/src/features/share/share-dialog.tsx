/** Links to a project: who gets one may do what its role says, until it is taken back. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Clock, Link, Trash2 } from "lucide-react";
import { useId, useState } from "react";
import { usePeers } from "@/collab/hooks";
import { Button, IconButton } from "@/components/ui/button";
import { CopyField } from "@/components/ui/copy-field";
import { Dialog } from "@/components/ui/dialog";
import { FailedCall } from "@/components/ui/failed-call";
import { Select } from "@/components/ui/field";
import { createShareLink, deleteShareLink, listShareLinks } from "@/lib/api/projects";
import type { Role, ShareLink } from "@/lib/api/types";
import { copyText } from "@/lib/copy-text";
import { sayShare } from "@/lib/messages/dialogs";
import { sayProjects } from "@/lib/messages/pages";
import { say } from "@/lib/messages/screens";
import { useServices } from "@/lib/services";

const words = sayShare;
const ROLES = ["editor", "commenter", "viewer"] as const satisfies readonly Role[];

type ShareDialogProps = {
  readonly project: string;
  /** The address of this very moment of the film. */
  readonly here: () => string;
  readonly onClose: () => void;
};

export const ShareDialog = ({ project, here, onClose }: ShareDialogProps) => {
  const { api } = useServices();
  const queries = useQueryClient();
  const key = ["share-links", project] as const;
  const links = useQuery({ queryKey: key, queryFn: () => listShareLinks(api, project) });
  const [role, setRole] = useState<Role>("editor");
  const [made, setMade] = useState<ShareLink | null>(null);
  const roleId = useId();
  const refresh = () => queries.invalidateQueries({ queryKey: key });
  const create = useMutation({
    mutationFn: () => createShareLink(api, project, role),
    onSuccess: (link) => {
      setMade(link);
      void refresh();
    },
  });
  const revoke = useMutation({
    mutationFn: (link: string) => deleteShareLink(api, project, link),
    onSuccess: refresh,
  });
  return (
    <Dialog title={words.title} closeLabel={say.common.close} onClose={onClose}>
      <div className="flex flex-col gap-4">
        <p className="text-dim">{words.intro}</p>
        <div className="flex items-end gap-2">
          <div className="flex flex-1 flex-col gap-1">
            <label htmlFor={roleId} className="text-dense text-dim">
              {words.role}
            </label>
            <Select
              id={roleId}
              value={role}
              onChange={(event) => setRole(event.target.value as Role)}
            >
              {ROLES.map((name) => (
                <option key={name} value={name}>
                  {sayProjects.roles[name]} · {words.roleHints[name]}
                </option>
              ))}
            </Select>
          </div>
          <Button
            look="primary"
            icon={Link}
            disabled={create.isPending}
            onClick={() => create.mutate()}
          >
            {words.create}
          </Button>
        </div>
        {create.isError && (
          <p role="alert" className="text-bad text-dense">
            {create.error.message}
          </p>
        )}
        {made && (
          <CopyField
            label={words.copy}
            copyLabel={words.copy}
            value={new URL(made.url ?? "", location.href).href}
          />
        )}
        {links.isLoadingError && (
          <FailedCall
            error={links.error}
            title={words.failed}
            onRetry={() => void links.refetch()}
          />
        )}
        {links.data && (
          <section aria-label={words.links}>
            <h3 className="mb-1 text-dense font-semibold text-dim">{words.links}</h3>
            {links.data.items.length === 0 && <p className="text-dense text-faint">{words.none}</p>}
            <ul>
              {links.data.items.map((link) => (
                <li key={link.id} className="flex h-8 items-center gap-2">
                  <Link size={14} aria-hidden="true" className="text-faint" />
                  <span className="flex-1">
                    {sayProjects.roles[link.role]}
                    <span className="ps-2 text-dense text-faint">{words.roleHints[link.role]}</span>
                  </span>
                  <IconButton
                    label={words.revoke}
                    icon={Trash2}
                    onClick={() => revoke.mutate(link.id)}
                  />
                </li>
              ))}
            </ul>
          </section>
        )}
        <People />
        <Button icon={Clock} className="self-start" onClick={() => void copyText(here())}>
          {words.atThisTime}
        </Button>
      </div>
    </Dialog>
  );
};

const People = () => {
  const peers = usePeers();
  if (peers.length === 0) return null;
  return (
    <section aria-label={words.here}>
      <h3 className="mb-1 text-dense font-semibold text-dim">{words.here}</h3>
      <ul className="flex flex-wrap gap-x-4 gap-y-1">
        {peers.map((peer) => (
          <li key={peer.client} className="flex items-center gap-1.5">
            <span
              aria-hidden="true"
              className="size-2.5 rounded-full"
              style={{ backgroundColor: `var(--color-${peer.user.color})` }}
            />
            {peer.user.name}
          </li>
        ))}
      </ul>
    </section>
  );
};
