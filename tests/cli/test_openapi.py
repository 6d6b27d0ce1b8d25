"""Whatever the OpenAPI allows, and much that it does not, a running server answers without breaking."""

from collections.abc import Generator, Mapping
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cli.up_process import TOKEN, Up, up

EXAMPLES_IN_A_CHECK = 6
EXAMPLES_AT_NIGHT = 400
ENDLESS = {"/api/v1/events"}  # a stream: it has tests of its own


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Up]:
    with up(tmp_path_factory.mktemp("api") / "data") as running:
        yield running


def real_ids(client: httpx.Client) -> Mapping[str, str]:
    """Ids that exist, by the names that paths give them: a fresh project, because some calls end one."""
    me = client.get("/me").json()
    workspace = me["workspaces"][0]["id"]
    project = client.post("/projects", json={"name": "Film", "workspace": workspace}).json()["id"]
    return {"project_id": project, "workspace_id": workspace, "user_id": me["id"]}


def statuses(operation: Any, ids: Mapping[str, str], examples: int) -> dict[int, str]:
    """What the operation answered, and an example of each as a command line."""
    found: dict[int, str] = {}

    @settings(max_examples=examples, database=None)
    @given(case=operation.as_strategy(), is_known=st.booleans())
    def call(case: Any, *, is_known: bool) -> None:
        if is_known:
            case.path_parameters.update(
                (name, ids[name]) for name in case.path_parameters if name in ids
            )
        answer = case.call(headers={"Authorization": f"Bearer {TOKEN}"})
        found[answer.status_code] = case.as_curl_command()

    call()
    return found


def server_errors(server: Up, examples: int) -> list[str]:
    """One line for each operation and status that is an error of the server's own."""
    schema: Any = schemathesis.openapi.from_url(f"{server.address}/api/openapi.json")
    operations = [result.ok() for result in schema.get_all_operations()]
    errors: list[str] = []
    with server.client() as client:
        for operation in operations:
            if operation.path in ENDLESS:
                continue
            found = statuses(operation, real_ids(client), examples)
            errors += [f"{operation.label}: {found[status]}" for status in found if status >= 500]
    assert len(operations) > len(ENDLESS)
    return errors


@pytest.mark.rule("door-D2")
def test_no_call_of_the_api_breaks_the_server(server: Up) -> None:
    assert server_errors(server, EXAMPLES_IN_A_CHECK) == []


@pytest.mark.nightly
@pytest.mark.rule("door-D2")
def test_no_call_of_the_api_breaks_the_server_in_a_long_run(server: Up) -> None:
    assert server_errors(server, EXAMPLES_AT_NIGHT) == []
