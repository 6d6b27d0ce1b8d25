"""Orders over HTTP while servers are killed with SIGKILL: what was acknowledged stands, each key once."""

import json
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from backend.credits import repository
from backend.credits.audit import audited
from backend.credits.tables import EntryRow, HoldRow
from backend.credits.wallet import Cause
from backend.db.session import Database
from backend.payments.tables import CreditOrderRow
from kit.clock import SystemClock
from kit.event_bus import LocalBus
from tests.cli.cluster import Cluster, Member, Server, cluster
from tests.redis_server import RedisServer
from timeline.timing import TICKS

AT_ONCE = 4
EXPORT, CREDIT_ORDER = "exports", "credit-orders"
BODIES = {EXPORT: {"preset": "source"}, CREDIT_ORDER: {"pack": "starter"}}


@pytest.fixture
def house(tmp_path: Path, postgres_url: str, redis: RedisServer) -> Generator[Cluster]:
    with cluster(tmp_path, postgres_url, redis.url) as made:
        yield made


class Buyer:
    """Somebody with a film who orders it, and packs, again and again, each under a key of its own."""

    def __init__(self, server: Server, name: str) -> None:
        self.member = Member(server, name)
        self.project = str(self.member.post(server, "/projects", {"name": "Film"})["id"])
        self.acknowledged: dict[tuple[str, str], bytes] = {}
        path = f"{server.api}/projects/{self.project}/timeline"
        document: Any = self.member.client.get(path).json()
        track = next(name for name, row in document["tracks"].items() if row["kind"] == "video")
        title = {"kind": "solid", "color": "#204060"}
        clip = {"track": track, "kind": "generator", "generator": title, "start": 0}
        document["clips"] = {"c1": {**clip, "duration": TICKS}}
        landed = self.member.client.post(f"{path}?replace=1", content=json.dumps(document))
        assert landed.status_code == 200, landed.text

    def ask(self, server: Server, kind: str, key: str) -> httpx.Response:
        place = {
            EXPORT: f"/projects/{self.project}/exports",
            CREDIT_ORDER: f"/workspaces/{self.member.workspace}/credit-orders",
        }[kind]
        return self.member.client.post(
            server.api + place, json=BODIES[kind], headers={"Idempotency-Key": key}
        )

    def order(self, server: Server, kind: str, key: str) -> None:
        """Ask once; whoever is killed meanwhile has promised nothing."""
        with suppress(httpx.TransportError):
            answer = self.ask(server, kind, key)
            if answer.is_success:
                self.acknowledged[kind, key] = answer.content


def rich(database: Database, buyer: Buyer, credit: int) -> None:
    with database.write_in_thread() as session:
        found = repository.find_wallet(session, buyer.member.workspace, "sandbox")
        assert found is not None
        cause = Cause(f"adjust:{found.id}", "adjust", "t", "operator", SystemClock().now())
        repository.adjust(session, found.id, credit, cause)


def killed_while_ordering(
    server: Server, buyers: list[Buyer], wanted: list[tuple[str, str]], kills: int
) -> None:
    """Order all of it; so many times, when another part is acknowledged, the server is killed."""
    asked = [(buyer, *want) for want in wanted for buyer in buyers]
    part = -(-len(asked) // (kills + 1))
    for number in range(kills + 1):
        with ThreadPoolExecutor(AT_ONCE) as pool:
            running = [
                pool.submit(buyer.order, server, kind, key)
                for buyer, kind, key in asked[number * part : (number + 1) * part]
            ]
            if number < kills:
                running[len(running) // 2].result()
                server.kill()
        if number < kills:
            server.restart()


@pytest.mark.rule("credits-R2", "payments-O2")
@pytest.mark.parametrize(
    ("orders", "kills"), [(12, 2), pytest.param(500, 4, marks=pytest.mark.nightly)]
)
def test_orders_survive_the_kills_of_their_server(house: Cluster, orders: int, kills: int) -> None:
    server = house.serve()
    buyers = [Buyer(server, "asha"), Buyer(server, "bea")]
    database = Database(house.database, LocalBus())
    for buyer in buyers:
        assert buyer.ask(server, EXPORT, "first").status_code == 202
        rich(database, buyer, 10_000)
    packs = [(CREDIT_ORDER, f"p{number}") for number in range(orders // 4)]
    wanted = [*((EXPORT, f"k{number}") for number in range(orders - 1)), *packs]
    killed_while_ordering(server, buyers, wanted, kills)
    for buyer in buyers:
        with closing(buyer.member.client):
            check(server, database, buyer, wanted)
    with database.snapshot() as connection:
        assert audited(connection).differences == []
    database.engine.dispose()


def check(server: Server, database: Database, buyer: Buyer, wanted: list[tuple[str, str]]) -> None:
    """What was acknowledged is answered the same; every key has one effect and no more."""
    exports, packs = {""}, {""}
    for kind, key in wanted:
        answer = buyer.ask(server, kind, key)
        assert answer.is_success, answer.text
        assert buyer.acknowledged.get((kind, key), answer.content) == answer.content
        (exports if kind == EXPORT else packs).add(answer.json()["id"])
    assert len(exports) + len(packs) == len(wanted) + 2
    with database.read_in_thread() as session:
        wallet = repository.find_wallet(session, buyer.member.workspace, "sandbox")
        assert wallet is not None
        held = session.scalars(select(HoldRow.ref_id).where(HoldRow.wallet_id == wallet.id)).all()
        entries = session.scalar(
            select(func.count()).where(EntryRow.wallet_id == wallet.id, EntryRow.kind == "hold")
        )
        ordered = session.scalars(
            select(CreditOrderRow.id).where(CreditOrderRow.wallet_id == wallet.id)
        ).all()
    assert exports - {""} < {*held}
    assert len(held) == entries == len(exports)  # with the first one, which had no part in it
    assert {*ordered} == packs - {""}
