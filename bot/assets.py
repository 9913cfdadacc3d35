"""Style sheets, scripts and pictures of the pages: a few small files, read once, under addresses that change with their content."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from aiohttp import web

PATH = "/assets/"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".txt": "text/plain; charset=utf-8",
}
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"


class Assets:
    """The files of one folder."""

    def __init__(self, directory: Path) -> None:
        """Read them. KeyError for a file of a type that is not served."""
        self._files: Mapping[str, tuple[bytes, str, str]] = {
            path.name: (data := path.read_bytes(), hashlib.sha256(data).hexdigest()[:12], _TYPES[path.suffix])
            for path in sorted(directory.iterdir())
            if path.is_file()
        }

    def url(self, name: str) -> str:
        """Its address; browsers keep what is there for ever. KeyError: there is no such file."""
        return f"{PATH}{name}?v={self._files[name][1]}"

    def route(self) -> web.RouteDef:
        """To be mounted."""
        return web.get(PATH + "{name}", self._serve)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        found = self._files.get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        data, digest, kind = found
        current = request.query.get("v") == digest
        headers = {
            "Content-Type": kind,
            "Cache-Control": _FOR_EVER if current else _ASK_AGAIN,
            "ETag": f'"{digest}"',
            "X-Content-Type-Options": "nosniff",
        }
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=304, headers=headers)
        return web.Response(body=data, headers=headers)
