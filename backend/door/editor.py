"""The web editor at `/`: its built files, and `index.html` for every address of the editor.

The page that shows the API is built beside it, so that it needs no other host [door-D4].

Hashed files never change and are kept for ever; `index.html` is asked for each time. Brotli and
gzip copies were made at build.
"""

import hashlib
import mimetypes
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from backend.problems import problem

HASHED: Final = "/assets/"
IMMUTABLE: Final = "public, max-age=31536000, immutable"
ASK_AGAIN: Final = "no-cache"
ENCODINGS: Final = (("br", ".br"), ("gzip", ".gz"))
NOT_BUILT: Final = "The editor is not built yet. Start Cutroom with `./dev run`, which builds it.\n"
EDITOR_PAGE: Final = "/index.html"
DOCS: Final = "/api/docs"
DOCS_PAGE: Final = "/docs-ui/index.html"
SERVER_PATHS: Final = ("/api/", "/collab/", "/webhooks/", "/sandbox/")


class EditorFiles:
    """An ASGI app over the folder that `vite build` wrote."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        answer = self._answer(scope["method"], scope["path"], Headers(scope=scope))
        await answer(scope, receive, send)

    def _answer(self, method: str, path: str, headers: Headers) -> Response:
        page = DOCS_PAGE if path == DOCS else EDITOR_PAGE
        if path.startswith(SERVER_PATHS) and page != DOCS_PAGE:
            return problem(404, "not-found", "there is no such address", instance=path)
        if method not in {"GET", "HEAD"}:
            return problem(405, "method-not-allowed", f"{method} is not for pages", instance=path)
        found = self._file(path)
        if found is None and "." not in path.rsplit("/", 1)[-1]:
            found = self._file(page)
            if found is None:
                return PlainTextResponse(NOT_BUILT, status_code=503)
        if found is None:
            return problem(404, "not-found", "there is no such file", instance=path)
        return _file_answer(found, headers, cached=path.startswith(HASHED))

    def _file(self, path: str) -> Path | None:
        """The file under that address; never one outside of the folder, or with a hidden name."""
        parts = [part for part in path.split("/") if part]
        if not parts or any(part.startswith(".") or "\0" in part for part in parts):
            return None
        file = self._folder.joinpath(*parts).resolve()
        return file if file.is_relative_to(self._folder) and file.is_file() else None


def _file_answer(file: Path, headers: Headers, *, cached: bool) -> Response:
    accepted = {
        part.split(";")[0].strip() for part in headers.get("accept-encoding", "").split(",")
    }
    chosen, encoding = file, None
    for name, suffix in ENCODINGS:
        packed = file.with_name(file.name + suffix)
        if name in accepted and packed.is_file():
            chosen, encoding = packed, name
            break
    stat = chosen.stat()
    etag = hashlib.sha256(f"{chosen.name} {stat.st_mtime_ns} {stat.st_size}".encode()).hexdigest()
    answer_headers = {
        "Cache-Control": IMMUTABLE if cached else ASK_AGAIN,
        "ETag": f'"{etag[:32]}"',
        "Vary": "Accept-Encoding",
    }
    if headers.get("if-none-match") == answer_headers["ETag"]:
        return Response(status_code=304, headers=answer_headers)
    if encoding is not None:
        answer_headers["Content-Encoding"] = encoding
    media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return FileResponse(chosen, headers=answer_headers, media_type=media_type)
