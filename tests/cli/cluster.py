"""Many machines as processes of one: `cutroom serve` and `work` on real Postgres, Redis and the S3 protocol."""

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from backend.db.migrations import migrate
from kit.s3_store import S3Store
from tests.cli.up_process import ROOT, TOKEN, free_port
from tests.s3_server import KEY_ID, REGION, SECRET, S3Server, make_bucket, running_s3

PASSWORD: Final = "quiet-otter-17"  # noqa: S105 - of people who exist in tests only
SECONDS: Final = 60.0


class Node:
    """A running command of a machine with a data folder of its own, and the next one in its place."""

    def __init__(self, folder: Path, environment: dict[str, str], *words: str) -> None:
        self._folder = folder
        self._environment = {**environment, "CUTROOM_DATA_DIR": str(folder)}
        self._words = words
        folder.mkdir()
        self.process = self._started()

    def _started(self) -> "subprocess.Popen[str]":
        with self._log.open("a") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "cli.main", *self._words],
                cwd=ROOT,
                env=self._environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        line = process.stdout.readline() if process.stdout else ""
        assert line.startswith("Cutroom"), self._log.read_text()
        return process

    @property
    def _log(self) -> Path:
        return self._folder / "log"

    def restart(self) -> None:
        """A fresh process in place of one that has ended."""
        self._close_pipe()
        self.process = self._started()

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        """SIGKILL, as a machine would."""
        self.process.kill()
        self.process.wait(SECONDS)

    def stop(self) -> int:
        """SIGTERM; answers the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(SECONDS)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.kill()
        self._close_pipe()

    def _close_pipe(self) -> None:
        if self.process.stdout is not None:
            self.process.stdout.close()


class Server(Node):
    """`cutroom serve` on a port that its successors keep."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.port: Final = free_port()
        super().__init__(folder, environment, "serve", "--port", str(self.port))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def api(self) -> str:
        return f"{self.address}/api/v1"

    def room(self, project: str, token: str) -> str:
        return f"ws://127.0.0.1:{self.port}/collab/{project}?token={token}&ack=1"

    def owner(self) -> httpx.Client:
        """The owner of this installation, as a program."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        return httpx.Client(base_url=self.api, headers=headers, timeout=SECONDS)


class Cluster:
    """Starts nodes with shared stores, and ends them all."""

    def __init__(self, folder: Path, database: str, redis: str, s3: S3Server) -> None:
        self._folder = folder
        self._nodes: list[Node] = []
        self.database: Final = database
        self.s3: Final = s3
        self.bucket: Final = make_bucket(s3)
        self.environment: Final = {
            **os.environ,
            "CUTROOM_BOOTSTRAP_TOKEN": TOKEN,
            "CUTROOM_SECRET_KEY": "k" * 32,
            "CUTROOM_DATABASE_URL": database,
            "CUTROOM_REDIS_URL": redis,
            "CUTROOM_S3_BUCKET": self.bucket,
            "CUTROOM_S3_ENDPOINT_URL": s3.url,
        }

    def serve(self) -> Server:
        server = Server(self._next_folder(), self.environment)
        self._nodes.append(server)
        return server

    def work(self, *, slots: int = 1, place: str = "") -> Node:
        """A worker, which shows its numbers at `place` where one is given."""
        words = ("work", "--slots", str(slots), *(("--metrics", place) if place else ()))
        worker = Node(self._next_folder(), self.environment, *words)
        self._nodes.append(worker)
        return worker

    def store(self) -> S3Store:
        """What all nodes keep their objects in."""
        return S3Store(self.bucket, self.s3.url)

    def _next_folder(self) -> Path:
        return self._folder / f"node-{len(self._nodes)}"

    def close(self) -> None:
        for node in self._nodes:
            node.close()


@contextmanager
def cluster(folder: Path, database: str, redis: str, **settings: str) -> Generator[Cluster]:
    """No node yet, on a database that is brought to this version; `settings` are more variables."""
    migrate(database)
    with ExitStack() as stack:
        environment = stack.enter_context(pytest.MonkeyPatch.context())
        for name, value in (
            ("AWS_ACCESS_KEY_ID", KEY_ID),
            ("AWS_SECRET_ACCESS_KEY", SECRET),
            ("AWS_DEFAULT_REGION", REGION),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ):
            environment.setenv(name, value)
        made = Cluster(folder, database, redis, stack.enter_context(running_s3()))
        made.environment.update(settings)
        stack.callback(made.close)
        yield made


class Member:
    """Somebody with an account, who speaks to whichever node."""

    def __init__(self, node: Server, name: str) -> None:
        self.email: Final = f"{name}@example.com"
        self.client: Final = httpx.Client(timeout=SECONDS)
        body = {"email": self.email, "password": PASSWORD}
        self.post(node, "/accounts", {**body, "name": name.title()})
        me = self.post(node, "/session", body)
        self.id: Final = str(me["id"])
        self.workspace: Final = str(me["workspaces"][0]["id"])

    def post(self, node: Server, path: str, body: object) -> Any:
        answer = self.client.post(f"{node.api}{path}", json=body)
        assert answer.status_code < 300, answer.text
        return answer.json()
