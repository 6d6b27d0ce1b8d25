/** One token: its role, who made it and when, whether it is used, until when. */
import { Button } from "@/components/ui/button";
import { Row } from "@/components/ui/section";
import type { ApiToken } from "@/lib/api/types";
import { sayProjects } from "@/lib/messages/pages";
import { say } from "@/lib/messages/screens";
import { sayWorkspace as words } from "@/lib/messages/workspace";

type TokenRowProps = {
  readonly token: ApiToken;
  readonly maker: string;
  readonly onEnd: () => void;
};

export const TokenRow = ({ token, maker, onEnd }: TokenRowProps) => {
  const now = Date.now();
  const made = say.common.moment(token.created_at);
  const ends = say.common.moment(token.expires_at);
  const isOver = Date.parse(token.expires_at) <= now;
  const role = sayProjects.roles[token.role];
  return (
    <Row
      title={
        <>
          <span className={isOver ? "text-faint" : ""}>{role}</span>
          <span className="text-dim">{words.madeBy(maker, made)}</span>
        </>
      }
      detail={[
        token.used_at === null ? words.unused : words.used(say.common.ago(token.used_at, now)),
        isOver ? words.endedAt(ends) : words.endsAt(ends),
      ].join(" · ")}
    >
      <Button small aria-label={words.endOf(role, made)} onClick={onEnd}>
        {words.end}
      </Button>
    </Row>
  );
};
