"""The fault table of a cluster, row by row: short in every check, long at night [operations-D1 to D3].

One cluster for all rows, with a Postgres and a Redis of its own. Leases are five seconds instead of thirty, so that
a dead worker is missed soon; nothing else is different.
"""

import asyncio
import random
import signal
import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, text

from tests.cli.cluster import Cluster, Node, Server, cluster
from tests.cli.editors import Editor, at_work, check_nothing_lost, durable
from tests.cli.orders import export_of, film_of, is_done, order, project_of
from tests.cli.up_process import wait_until
from tests.media import Clip, Clips
from tests.postgres import OwnPostgres, new_database, own_postgres
from tests.redis_server import RedisServer, redis_server

LEASE_SECONDS = 5.0
CLIP = Clip(frames=90, width=640, height=360)
WORK_SECONDS_MAX = 300.0
RUNS = "select sum(attempts - 1) from tasks where attempts > 0 and export_id is not null"
RETURNS = "select sum(fence - attempts) from tasks"


class Site:
    """Two servers, two workers of one slot, a project that people edit and a program exports."""

    def __init__(
        self, nodes: Cluster, postgres: OwnPostgres, redis: RedisServer, clip: Path
    ) -> None:
        self.nodes, self.postgres, self.redis = nodes, postgres, redis
        self.servers = [nodes.serve(), nodes.serve()]
        self.workers = [nodes.work(), nodes.work()]
        self._orders = 0
        self._runs = 0
        with self.servers[0].owner() as client:
            self.project = project_of(client, clip, "film")

    def begin(self) -> None:
        """Whole again after what was tried before, and counting anew."""
        for node in (*self.servers, *self.workers):
            if node.process.poll() is not None:
                node.restart()
        self._runs = self.count(RUNS)

    def ask(self, question: Callable[[httpx.Client], Any]) -> Any:
        """Ask one node after the other until one answers."""
        for server in self.servers:
            with server.owner() as client:
                try:
                    return question(client)
                except httpx.TransportError:
                    continue
        raise AssertionError("no node answers")

    def order(self) -> str:
        """A film that nobody has made yet: of the project in another size."""
        self._orders += 1
        path = f"/projects/{self.project}"
        timeline = self.ask(lambda client: client.get(f"{path}/timeline").json())
        values = {"width": 1280 + 2 * self._orders}
        command = {"op": "set", "map": "sequences", "id": next(iter(timeline["sequences"]))}
        commands = {"commands": [{**command, "values": values}]}
        changed = self.ask(lambda client: client.post(f"{path}/commands", json=commands))
        assert changed.status_code == 200, changed.text
        return self.order_again()

    def order_again(self) -> str:
        """A film of the project as it is."""
        self._orders += 1
        return str(self.ask(lambda client: order(client, self.project, f"order-{self._orders}")))

    def begins(self, export: str) -> None:
        """Until its pictures are being made."""
        first = {"queued", "planning"}
        wait_until(
            lambda: self.ask(lambda client: export_of(client, export)["state"] not in first),
            seconds=WORK_SECONDS_MAX,
        )

    def film(self, export: str) -> bytes:
        """Its bytes, once it is there."""

        def done() -> bool:
            return bool(self.ask(lambda client: is_done(client, export)))

        wait_until(done, seconds=WORK_SECONDS_MAX)
        return self.ask(lambda client: film_of(client, export))

    def rooms(self) -> list[str]:
        """Where the project is edited: at either node."""
        token = self.ask(
            lambda client: client.post(f"/projects/{self.project}/collab-token", json={})
        )
        return [server.room(self.project, token.json()["token"]) for server in self.servers]

    def count(self, query: str) -> int:
        """One number from the tables."""
        engine = create_engine(self.nodes.database)
        with engine.connect() as connection:
            found = int(connection.execute(text(query)).scalar_one() or 0)
        engine.dispose()
        return found

    def extra_runs(self) -> int:
        """How often a task of an export was begun again since `begin`."""
        return self.count(RUNS) - self._runs

    def check_each_film_once(self) -> None:
        """Every order has its film and was paid once; nothing is held any more."""
        exports = self.count("select count(*) from exports")
        assert self.count("select count(*) from exports where state = 'done'") == exports
        assert self.count("select count(*) from holds where state = 'captured'") == exports
        assert self.count("select count(*) from holds where state = 'active'") == 0


@pytest.fixture(scope="module")
def one_site(tmp_path_factory: pytest.TempPathFactory, clips: Clips) -> Generator[Site]:
    folder, lease = tmp_path_factory.mktemp("site"), {"CUTROOM_LEASE_SECONDS": str(LEASE_SECONDS)}
    with (
        own_postgres() as postgres,
        redis_server() as redis,
        cluster(folder, new_database(postgres.address), redis.url, **lease) as nodes,
    ):
        yield Site(nodes, postgres, redis, clips.make(CLIP))


@pytest.fixture
def site(one_site: Site) -> Site:
    one_site.begin()
    return one_site


@asynccontextmanager
async def edited(site: Site) -> AsyncGenerator[list[Editor]]:
    """Two people edit, each on a node of their own, while the block runs; nothing that was saved is lost."""
    people = [Editor("asha"), Editor("bea")]
    rooms = await asyncio.to_thread(site.rooms)
    async with at_work((people[0], rooms), (people[1], rooms[::-1])):
        await saved(people)
        yield people
        await saved(people)
    check_nothing_lost(durable(site.nodes, site.project), *people)


async def saved(people: list[Editor]) -> None:
    """Until everybody has saved something new."""
    await asyncio.gather(*(person.saves() for person in people))


def kill_workers(site: Site, kills: int, dice: random.Random) -> None:
    """Kill the workers in turn while films are made: one run each at most is lost by it."""
    export = site.order()
    for kill in range(kills):
        if site.ask(lambda client, export=export: is_done(client, export)):
            export = site.order()
        site.begins(export)
        time.sleep(dice.random() * 2)
        worker = site.workers[kill % 2]
        worker.kill()
        worker.restart()
    assert site.film(export) == site.film(site.order_again())
    assert site.extra_runs() <= kills
    wait_until(lambda: site.count("select count(*) from exports where ended_at is null") == 0)
    site.check_each_film_once()


@pytest.mark.rule("operations-D2", "operations-D3")
def test_workers_that_are_killed_cost_one_run_each_at_most(site: Site) -> None:
    kill_workers(site, 3, random.Random(1))


@pytest.mark.nightly
@pytest.mark.rule("operations-D2", "operations-D3")
def test_two_hundred_kills_of_workers_cost_one_run_each_at_most(site: Site) -> None:
    kill_workers(site, 200, random.Random(2))


@pytest.mark.rule("operations-D2", "operations-W3")
def test_a_worker_that_was_frozen_beyond_its_lease_commits_nothing(site: Site) -> None:
    zombie, other = site.workers
    other.kill()
    export = site.order()
    site.begins(export)
    wait_until(lambda: site.count("select count(*) from tasks where state = 'leased'"))
    zombie.signal(signal.SIGSTOP)
    swept = "select count(*) from tasks where state = 'ready' and attempts = 1"
    wait_until(lambda: site.count(swept))
    other.restart()
    taken = f"select count(*) from tasks where export_id = '{export}' and attempts = 2"  # noqa: S608 - an id of ours
    wait_until(lambda: site.count(taken))
    zombie.signal(signal.SIGCONT)
    site.film(export)
    assert site.extra_runs() <= 1
    site.check_each_film_once()


async def check_without_redis(
    site: Site, take_away: Callable[[], None], bring_back: Callable[[], None], seconds: float
) -> None:
    """Edits and orders go on without Redis, and what waits is made when it is back."""
    async with edited(site) as people:
        first = await asyncio.to_thread(site.order)
        await asyncio.to_thread(site.begins, first)
        take_away()
        await saved(people)
        second = await asyncio.to_thread(site.order)
        await asyncio.sleep(seconds)
        await saved(people)
        bring_back()
        for export in (first, second):
            await asyncio.to_thread(site.film, export)
    assert site.extra_runs() == 0
    site.check_each_film_once()


@pytest.mark.rule("operations-D1", "operations-W10")
async def test_redis_is_killed_and_nothing_is_lost(site: Site) -> None:
    await check_without_redis(site, site.redis.kill, site.redis.start, 3.0)


@pytest.mark.rule("operations-D1", "operations-W10")
async def test_redis_is_cut_off_and_nothing_is_lost(site: Site) -> None:
    await check_without_redis(site, site.redis.freeze, site.redis.thaw, 3.0)


@pytest.mark.nightly
@pytest.mark.rule("operations-D1", "operations-W10")
async def test_redis_is_cut_off_for_a_minute_and_nothing_is_lost(site: Site) -> None:
    await check_without_redis(site, site.redis.freeze, site.redis.thaw, 60.0)


async def check_without_database(site: Site, seconds: float) -> None:
    """Edits are kept by who made them and saved afterwards; what was being rendered goes on."""
    async with edited(site) as people:
        export = await asyncio.to_thread(site.order)
        await asyncio.to_thread(site.begins, export)
        await asyncio.to_thread(site.postgres.kill)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(site.postgres.start)
        await saved(people)
        await asyncio.to_thread(site.film, export)
    site.check_each_film_once()


@pytest.mark.rule("operations-D1", "operations-W10")
async def test_the_database_is_away_for_longer_than_a_lease(site: Site) -> None:
    await check_without_database(site, LEASE_SECONDS + 2)


@pytest.mark.nightly
@pytest.mark.rule("operations-D1", "operations-W10")
async def test_the_database_is_away_for_a_minute(site: Site) -> None:
    await check_without_database(site, 60.0)


@pytest.mark.rule("operations-D1", "operations-D2")
async def test_a_node_and_a_worker_die_while_two_people_edit_and_export(site: Site) -> None:
    async with edited(site) as people:
        first = await asyncio.to_thread(site.order)
        await asyncio.to_thread(site.begins, first)
        site.servers[0].kill()
        site.workers[0].kill()
        await saved(people)
        second = await asyncio.to_thread(site.order)
        for export in (first, second):
            await asyncio.to_thread(site.film, export)
    assert site.extra_runs() <= 1
    site.check_each_film_once()


@pytest.mark.rule("operations-D1", "operations-D2")
async def test_a_deploy_under_load_runs_nothing_again(site: Site) -> None:
    returned = site.count(RETURNS)
    async with edited(site) as people:
        export = await asyncio.to_thread(site.order)
        await asyncio.to_thread(site.begins, export)
        nodes: list[Server | Node] = [*site.servers, *site.workers]
        for node in nodes:
            assert await asyncio.to_thread(node.stop) == 128 + signal.SIGTERM
            await asyncio.to_thread(node.restart)
            await saved(people)
        await asyncio.to_thread(site.film, export)
        assert any(1013 in person.codes for person in people)
    assert site.extra_runs() == 0
    assert site.count(RETURNS) == returned  # no lease ran out
    site.check_each_film_once()
