"""What a route of the desk is: a line that says its path, who may open it, who answers, and whether it stands in the menu."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from bot.desk.permission import Permission

if TYPE_CHECKING:
    from bot.desk.visit import Visit

PREFIX = "/desk"
BODY_AT_MOST = 64 << 10

Handler = Callable[["Visit"], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the table."""

    method: str
    path: str
    """Whole, with the prefix; parameters as {name}."""
    permission: Permission
    handler: Handler
    menu: str = ""
    """In the menu and on the home page under these words: `<menu>.menu` and `<menu>.about`."""
    body: int = BODY_AT_MOST
    """Bytes of a form at most, its files included."""


def get(path: str, permission: Permission, handler: Handler, *, menu: str = "") -> Route:
    """A page. It changes nothing."""
    return Route("GET", PREFIX + path, permission, handler, menu)


def post(path: str, permission: Permission, handler: Handler, *, body: int = BODY_AT_MOST) -> Route:
    """A form sent. Its CSRF token is checked before the handler is called."""
    return Route("POST", PREFIX + path, permission, handler, body=body)
