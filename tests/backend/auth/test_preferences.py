"""What a person chose for all their projects."""

import pytest

from tests.backend.support import TestServer

ADDRESS = "/api/v1/me/preferences"


@pytest.mark.rule("auth-A11")
async def test_what_is_named_is_replaced_and_the_rest_stays(server: TestServer) -> None:
    asha, bea = await server.person("asha"), await server.person("bea")
    keys = {"preset": "premiere", "remaps": {"edit.split": ["Shift+S"]}}
    await asha.client.patch(ADDRESS, json={"values": {"shortcuts": keys, "theme": "light"}})
    answer = await asha.client.patch(ADDRESS, json={"values": {"theme": None, "language": "de"}})
    assert answer.json() == {"values": {"shortcuts": keys, "language": "de"}}
    assert (await asha.client.get(ADDRESS)).json() == answer.json()
    assert (await bea.client.get(ADDRESS)).json() == {"values": {}}


@pytest.mark.rule("auth-A11")
@pytest.mark.parametrize(
    "values",
    [
        {"a name": 1},
        {"x" * 33: 1},
        {f"n{number}": number for number in range(33)},
        {"shortcuts": "x" * 40_000},
    ],
)
async def test_what_is_too_much_is_refused(server: TestServer, values: dict[str, object]) -> None:
    asha = await server.person()
    answer = await asha.client.patch(ADDRESS, json={"values": values})
    assert answer.status_code == 422, answer.text


@pytest.mark.rule("auth-A11")
async def test_many_small_changes_stay_within_the_limit_of_all(server: TestServer) -> None:
    asha = await server.person()
    first = await asha.client.patch(ADDRESS, json={"values": {"one": "x" * 20_000}})
    second = await asha.client.patch(ADDRESS, json={"values": {"two": "x" * 20_000}})
    assert (first.status_code, second.status_code) == (200, 422)
    assert list((await asha.client.get(ADDRESS)).json()["values"]) == ["one"]
