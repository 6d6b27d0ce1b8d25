/** Tells others where this tab stands, and follows somebody else where asked to. */
import { useEffect, useRef } from "react";
import { usePeers, useSession } from "@/collab/hooks";
import { useAnnouncer } from "@/lib/messages/announce";
import { say } from "@/lib/messages/screens";
import { useStage } from "@/lib/stage";
import { flicks, TICKS } from "@/timeline-core/time";

export function usePresence(sequence: string): void {
  const { presence } = useSession();
  useEffect(() => {
    const tell = (): void => {
      const { playhead, selection, view, following } = useStage.getState();
      const to = Math.round(view.from + (view.width / view.pixelsPerSecond) * TICKS);
      presence.set({
        playhead,
        selection: [...selection],
        view: { sequence, from: view.from, to },
        following,
      });
    };
    tell();
    return useStage.subscribe(tell);
  }, [presence, sequence]);
  useFollowing();
  useArrivals();
}

/** Takes over playhead and window of the person followed; any own move ends it (the stage does). */
function useFollowing(): void {
  const peers = usePeers();
  const following = useStage((stage) => stage.following);
  const peer = peers.find((one) => one.client === following);
  useEffect(() => {
    const { seek, setView, view, set } = useStage.getState();
    if (following !== null && !peer) set({ following: null });
    if (!peer) return;
    if (peer.playhead != null) seek(flicks(peer.playhead), { followed: true });
    if (!peer.view || peer.view.to <= peer.view.from) return;
    const seconds = (peer.view.to - peer.view.from) / TICKS;
    const pixelsPerSecond = view.width / seconds;
    setView({ from: flicks(peer.view.from), pixelsPerSecond }, { followed: true });
  }, [peer, following]);
}

function useArrivals(): void {
  const peers = usePeers();
  const known = useRef<ReadonlyMap<number, string> | null>(null);
  useEffect(() => {
    const now = new Map(peers.map((peer) => [peer.client, peer.user.name]));
    const before = known.current;
    known.current = now;
    if (before === null) return;
    const { tell } = useAnnouncer.getState();
    for (const [client, name] of now) if (!before.has(client)) tell(say.presence.joined(name));
    for (const [client, name] of before) if (!now.has(client)) tell(say.presence.left(name));
  }, [peers]);
}
