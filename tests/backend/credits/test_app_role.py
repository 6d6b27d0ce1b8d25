"""As the role of the application: everything that money does works, and nothing of it can be unwritten."""

# ruff: noqa: S608 - every word of these statements stands in this file

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from backend.credits.audit import audited
from backend.credits.errors import HoldRefused
from backend.db.app_role import UnfitRole, grant_to_app_role
from cli.main import main
from kit.ids import sortable_id
from tests.backend.payments.shop import open_shop
from tests.backend.payments.support import control
from tests.backend.support import running_server
from timeline.timing import TICKS


@pytest.fixture
def role_url(postgres_copy_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The database as the role sees it that an operator made with `cutroom migrate --app-role`."""
    role = f"app_{sortable_id('r')}"
    as_owner(postgres_copy_url, f"create role {role} login")
    monkeypatch.setenv("CUTROOM_DATABASE_URL", postgres_copy_url)
    assert main(["migrate", "--app-role", role]) == 0
    return make_url(postgres_copy_url).set(username=role).render_as_string(hide_password=False)


def as_owner(url: str, words: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(words))
    engine.dispose()


@pytest.mark.rule("credits-D4")
async def test_the_whole_way_of_money_works_as_the_role(tmp_path: Path, role_url: str) -> None:
    async with open_shop(tmp_path, url=role_url) as shop:
        order = await shop.bought()
        shop.deliver()
        shop.grant(50)
        shop.capture(shop.spend(100), 60)
        shop.release(shop.spend(20, "exp_2"))
        with pytest.raises(HoldRefused):
            shop.spend(5_000, "exp_3")
        await shop.refund(order, 100)
        shop.deliver(3)
        dispute = shop.dispute(order["payment"], "under_review")
        shop.deliver()
        assert shop.wallet().frozen
        control(shop.sandbox, f"disputes/{dispute}", outcome="lost")
        shop.deliver()
        second = await shop.buy("k2")
        shop.pay(second, "wrong_amount")
        shop.reconcile()
        shop.inbox.forget_bodies()
        assert "amount_or_currency" in shop.anomalies()
        wallet = shop.wallet()
        assert (wallet.available, wallet.held, wallet.debt) == (0, 0, 10)
        with shop.database.snapshot() as connection:
            assert audited(connection).differences == []


@pytest.mark.rule("credits-D4", "credits-L11")
async def test_films_are_ordered_and_cancelled_as_the_role(tmp_path: Path, role_url: str) -> None:
    async with running_server(tmp_path, database_url=role_url) as server:
        asha = await server.person()
        project = await asha.project()
        here = f"/api/v1/projects/{project}"
        document = (await asha.client.get(f"{here}/timeline")).json()
        track = next(name for name, row in document["tracks"].items() if row["kind"] == "video")
        solid = {"kind": "solid", "color": "#204060"}
        clip = {"track": track, "kind": "generator", "generator": solid}
        document["clips"] = {"c1": clip | {"start": 0, "duration": 2 * TICKS}}
        landed = await asha.client.post(f"{here}/timeline?replace=1", json=document)
        assert landed.status_code == 200, landed.text
        asked = {"preset": "source"}
        ordered = await asha.client.post(
            f"{here}/exports", json=asked, headers={"Idempotency-Key": "k1"}
        )
        assert ordered.status_code == 202, ordered.text
        film = f"/api/v1/exports/{ordered.json()['id']}"
        assert (await asha.client.post(f"{film}/cancel")).status_code == 200
        journal = await asha.client.get(f"/api/v1/workspaces/{asha.workspace}/wallet/journal")
        kinds = [item["kind"] for item in journal.json()["items"]]
        assert kinds == ["release", "hold", "grant"]


@pytest.mark.rule("credits-D4", "db-B10")
async def test_nothing_can_be_unwritten_as_the_role(tmp_path: Path, role_url: str) -> None:
    refused = [
        *(f"update {table} set {column} = {column}" for table, column in WRITTEN_ONCE.items()),
        *(f"delete from {table}" for table in (*WRITTEN_ONCE, *NEVER_REMOVED)),
        *(f"truncate {table} cascade" for table in (*WRITTEN_ONCE, *NEVER_REMOVED)),
        "alter table entries disable trigger all",
        "drop trigger entries_append_only on entries",
        "set session_replication_role = replica",
        NO_GUARD,
        "drop table postings",
        "update alembic_version set version_num = version_num",
        "create table mine (id int)",
    ]
    async with open_shop(tmp_path, url=role_url) as shop:
        await shop.bought()
        before = shop.entries()
        for words in refused:
            with pytest.raises(ProgrammingError) as error, shop.database.write_in_thread() as books:
                books.execute(text(words))
            assert getattr(error.value.orig, "sqlstate", "") == "42501", words
        assert shop.entries() == before > 0


WRITTEN_ONCE = {
    "entries": "actor",
    "postings": "amount",
    "audit_acts": "actor",
    "paid_segments": "export_id",
    "invoices": "number",
}
NO_GUARD = (
    "create or replace function ledger_refuse() returns trigger language plpgsql as"
    " $$ begin return new; end $$"
)
NEVER_REMOVED = ("wallets", "holds", "credit_orders", "payments", "refunds", "disputes")


@pytest.mark.rule("credits-D4")
def test_a_role_from_which_nothing_can_be_kept_is_refused(
    postgres_copy_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = str(make_url(postgres_copy_url).username)
    for role, words in (("nobody_of_that_name", "no such role"), (owner, "owns the tables")):
        with pytest.raises(UnfitRole, match=words):
            grant_to_app_role(postgres_copy_url, role)
    monkeypatch.setenv("CUTROOM_DATABASE_URL", postgres_copy_url)
    assert main(["migrate", "--app-role", owner]) == 2
    monkeypatch.setenv("CUTROOM_DATABASE_URL", "")
    assert main(["migrate", "--app-role", owner, "--data", "."]) == 2
    assert "only Postgres has roles" in capsys.readouterr().err
