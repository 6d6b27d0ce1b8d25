/** The workspaces one is in, and the way to their people and credits. */
import { Link } from "wouter";
import { Row, Rows, Section } from "@/components/ui/section";
import type { Workspace } from "@/lib/api/types";
import { sayAccount as words } from "@/lib/messages/account";
import { sayProjects } from "@/lib/messages/pages";

const WAY = "text-dim underline underline-offset-2 hover:text-text";

export const WorkspaceLinks = ({ workspaces }: { readonly workspaces: readonly Workspace[] }) => (
  <Section title={words.workspaces}>
    {workspaces.length === 0 ? (
      <p className="text-dim">{words.noWorkspace}</p>
    ) : (
      <Rows>
        {workspaces.map(({ id, name, role }) => (
          <Row key={id} title={name} detail={sayProjects.roles[role]}>
            <Link href={`/w/${id}`} aria-label={sayProjects.team(name)} className={WAY}>
              {words.people}
            </Link>
            {/* A document of its own: it alone may load what takes money. */}
            <a href={`/w/${id}/credits`} aria-label={words.creditsOf(name)} className={WAY}>
              {words.credits}
            </a>
          </Row>
        ))}
      </Rows>
    )}
  </Section>
);
