"""Prints the server's OpenAPI as JSON; nothing is started, nothing is kept."""

import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from backend.main import create_app
from cli.wiring import embedded_parts, read_settings, with_secret_key

with tempfile.TemporaryDirectory() as folder:
    settings = with_secret_key(read_settings(data_dir=Path(folder)))
    json.dump(create_app(embedded_parts(settings)).openapi(), sys.stdout, sort_keys=True)
