"""A cluster for the tests in browsers, as one process: two servers and two workers on shared stores.

It prints the ports of the servers as one line of JSON, then does what its input says, a line each:
`kill N` ends server N as a power cut would and is answered by a line. It ends with its input.
"""

import json
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.cli.cluster import cluster
from tests.postgres import new_database, postgres_server
from tests.redis_server import redis_server


def main() -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cutroom-cluster-")))
        database = new_database(stack.enter_context(postgres_server()))
        redis = stack.enter_context(redis_server())
        machines = stack.enter_context(cluster(folder, database, redis.url))
        servers = [machines.serve(), machines.serve()]
        machines.work()
        machines.work()
        _say(json.dumps([server.port for server in servers]) + "\n")
        for line in sys.stdin:
            order, number = line.split()
            assert order == "kill", line
            servers[int(number)].kill()
            _say(line)


def _say(line: str) -> None:
    sys.stdout.write(line)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
