/** The other people in the room: three and a number; a click follows one of them. */
import { usePeers } from "@/collab/hooks";
import type { Peer } from "@/collab/presence";
import { Avatar } from "@/components/ui/avatar";
import { Menu, type MenuItem } from "@/components/ui/menu";
import { say } from "@/lib/messages/screens";
import { useStage } from "@/lib/stage";

const SHOWN = 3;

const tokenOf = (color: string): string =>
  /^person-\d+$/.test(color) ? `var(--color-${color})` : "var(--color-person-1)";

export const PeopleBar = () => {
  const peers = usePeers();
  const following = useStage((stage) => stage.following);
  const set = useStage((stage) => stage.set);
  const follow = (peer: Peer) => set({ following: following === peer.client ? null : peer.client });
  const labelOf = (peer: Peer): string =>
    following === peer.client
      ? say.top.stopFollowing(peer.user.name)
      : say.top.follow(peer.user.name);
  const rest = peers.slice(SHOWN);
  const items = rest.map(
    (peer): MenuItem => ({
      kind: "item",
      id: String(peer.client),
      label: labelOf(peer),
      onSelect: () => follow(peer),
    }),
  );
  if (peers.length === 0) return null;
  return (
    <ul aria-label={say.top.people} className="flex items-center -space-x-1">
      {peers.slice(0, SHOWN).map((peer) => (
        <li key={peer.client}>
          <Avatar
            name={peer.user.name}
            color={tokenOf(peer.user.color)}
            label={labelOf(peer)}
            pressed={following === peer.client}
            onClick={() => follow(peer)}
          />
        </li>
      ))}
      {rest.length > 0 && (
        <li>
          <Menu label={say.top.people} items={items} align="end">
            <button
              type="button"
              className="grid size-7 place-items-center rounded-full border-2 border-panel bg-hover text-dense text-text"
            >
              +{rest.length}
            </button>
          </Menu>
        </li>
      )}
    </ul>
  );
};
