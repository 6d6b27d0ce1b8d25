"""Stock yjs + y-websocket, against the real server on a real socket."""

from pathlib import Path

from tests.backend.collab.server import running
from tests.interop.node import people


async def test_three_stock_clients_converge(tmp_path: Path) -> None:
    async with running(tmp_path) as server, people() as do:
        project = server.begin()
        address = f"ws://127.0.0.1:{server.port}/collab"
        names = ["ann", "bea", "cem"]
        for name in names:
            await do(
                "open", name=name, server=address, project=project, token=f"{name}-token", ack=True
            )
            assert await do("synced", name=name)
        for seed, name in enumerate(names):
            await do("edits", name=name, count=60, seed=seed)
        assert await do("equal", names=names)
        for name in names:
            assert await do("durable", name=name)
        assert await do("closes", name="ann") == []
