"""One suite over every place that reports can be forwarded to."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

import aiohttp
import orjson
import pytest

from bot.errors import DeliveryError, SettingsError, Unanswered, Unreachable
from bot.forwarder.protocol import EventPage, Filed, Target
from bot.forwarder.registry import DEFAULT, TARGETS
from bot.settings import load
from bot.store.store import Store
from tests.fakes.core import FakeCore, Fault

CANARY = "canary-0812-3456-7890"
PAYLOAD = orjson.dumps({"id": "r1", "title": CANARY, "reporter": {"name": CANARY}})


class OtherSide(Protocol):
    """What the suite needs of a target's stand-in."""

    name: str
    settings: dict[str, str]

    async def held(self) -> int:
        """How many reports it has."""


class Networked(OtherSide, Protocol):
    """One that is called over a network, which loses things."""

    def lose_next_answer(self) -> None:
        """Do what is asked next, and do not say so."""

    def break_next(self) -> None:
        """Fail the next call without doing it."""

    async def go_down(self) -> None:
        """Refuse connections."""


@dataclass
class CoreSide:
    core: FakeCore
    name: str = "core"

    @property
    def settings(self) -> dict[str, str]:
        return {"CORE_URL": self.core.url, "CORE_TOKEN": self.core.token, "CORE_WEBHOOK_SECRET": "whsec_of-the-tests"}

    async def held(self) -> int:
        return len(self.core.reports)

    def lose_next_answer(self) -> None:
        self.core.fail_next(Fault.LOST_ANSWER)

    def break_next(self) -> None:
        self.core.fail_next(Fault.SERVER_ERROR)

    async def go_down(self) -> None:
        await self.core.go_down()


@dataclass
class BookSide:
    """The store itself: reports wait there, and no network is asked."""

    store: Store
    name: str = "book"

    @property
    def settings(self) -> dict[str, str]:
        return {"DESK_KEY": "a-desk-key-of-the-tests-0123456789"}

    async def held(self) -> int:
        return (await self.store.books_out.waiting()).reports


@asynccontextmanager
async def book_side(store: Store) -> AsyncIterator[OtherSide]:
    yield BookSide(store)


@asynccontextmanager
async def core_side(_store: Store) -> AsyncIterator[OtherSide]:
    core = FakeCore()
    await core.start()
    try:
        yield CoreSide(core)
    finally:
        await core.stop()


SIDES: dict[str, Callable[[Store], AbstractAsyncContextManager[OtherSide]]] = {"core": core_side, "book": book_side}
over_a_network = pytest.mark.parametrize("side", ["core"], indirect=True)
gives_tickets_at_once = over_a_network


@pytest.fixture(params=sorted(TARGETS))
async def side(request: pytest.FixtureRequest, store: Store) -> AsyncIterator[OtherSide]:
    async with SIDES[request.param](store) as other:
        yield other


@pytest.fixture
async def target(side: OtherSide, store: Store) -> AsyncIterator[Target]:
    async with aiohttp.ClientSession() as http:
        yield TARGETS[side.name].build(side.settings, http, store.books_out)


def _ticket(filed: Filed | None) -> str | None:
    return filed.ticket if filed else None


def test_every_target_is_tested_and_the_default_is_one():
    assert set(SIDES) == set(TARGETS)
    assert DEFAULT in TARGETS


async def test_it_is_called_what_the_registry_calls_it_and_needs_what_it_says(side: OtherSide, target: Target):
    assert side.name == target.name
    assert set(TARGETS[side.name].required) == set(side.settings)


def test_a_start_needs_the_settings_of_its_target_and_no_other(side: OtherSide):
    general = {"MONGODB_URL": "mongodb://127.0.0.1", "PUBLIC_BASE_URL": "https://bot.example"}
    needs = {name: entry.required for name, entry in TARGETS.items()}
    mine = {**general, "FORWARD_TARGET": side.name, **side.settings}
    assert side.name == load(mine | {"DESK_KEY": "a-desk-key-of-the-tests-0123456789"}, [], needs)["FORWARD_TARGET"]
    with pytest.raises(SettingsError) as raised:
        load({**general, "FORWARD_TARGET": side.name}, [], needs)
    assert len(side.settings) == len(raised.value.problems)
    with pytest.raises(SettingsError, match="FORWARD_TARGET must be one of"):
        load({**mine, "FORWARD_TARGET": "elsewhere"}, [], needs)


async def test_filing_takes_the_report(side: OtherSide, target: Target):
    filed = await target.file("r1", PAYLOAD, unsure=False)
    assert filed is None or filed.ticket.isdecimal()
    assert 1 == await side.held()


@gives_tickets_at_once
async def test_filing_gives_a_ticket(side: OtherSide, target: Target):
    filed = await target.file("r1", PAYLOAD, unsure=False)
    assert isinstance(filed, Filed)
    assert filed.ticket.isdecimal()
    assert 1 == await side.held()


@pytest.mark.parametrize("unsure", [False, True])
async def test_filing_twice_is_filing_once(side: OtherSide, target: Target, *, unsure: bool):
    first = await target.file("r1", PAYLOAD, unsure=False)
    assert _ticket(first) == _ticket(await target.file("r1", PAYLOAD, unsure=unsure))
    assert 1 == await side.held()


@gives_tickets_at_once
async def test_two_reports_have_two_tickets(side: OtherSide, target: Target):
    first, second = await target.file("r1", PAYLOAD, unsure=False), await target.file("r2", PAYLOAD, unsure=False)
    assert _ticket(first) != _ticket(second)
    assert 2 == await side.held()


async def test_two_reports_are_two(side: OtherSide, target: Target):
    for name in ("r1", "r2"):
        await target.file(name, PAYLOAD, unsure=False)
    assert 2 == await side.held()


@over_a_network
async def test_a_lost_answer_is_found_again(side: Networked, target: Target):
    side.lose_next_answer()
    with pytest.raises(Unanswered):
        await target.file("r1", PAYLOAD, unsure=False)
    assert (await target.file("r1", PAYLOAD, unsure=True)).ticket.isdecimal()
    assert 1 == await side.held()


@over_a_network
async def test_a_broken_side_is_tried_again(side: Networked, target: Target):
    side.break_next()
    with pytest.raises(DeliveryError) as raised:
        await target.file("r1", PAYLOAD, unsure=False)
    assert raised.value.retryable
    assert 0 == await side.held()


@over_a_network
@pytest.mark.parametrize("unsure", [False, True])
async def test_a_side_that_is_down_is_unreachable(side: OtherSide, target: Target, *, unsure: bool):
    await side.go_down()
    with pytest.raises(Unreachable):
        await target.file("r1", PAYLOAD, unsure=unsure)
    with pytest.raises(Unreachable):
        await target.events(None)


@pytest.mark.parametrize("operation", ["messages", "rating", "withdrawal", "reopening"])
async def test_an_operation_may_be_repeated(target: Target, operation: str):
    reference = target.reference("r1", _ticket(await target.file("r1", PAYLOAD, unsure=False)))
    assert reference
    for _ in range(2):
        assert await target.operate(reference, operation, "op1", orjson.dumps({"id": "op1", "text": CANARY})) is None


@over_a_network
async def test_an_operation_on_a_ticket_that_is_not_there_is_not_tried_for_ever(target: Target):
    with pytest.raises(DeliveryError) as raised:
        await target.operate("999999999", "messages", "op1", orjson.dumps({"id": "op1"}))
    assert not raised.value.retryable


async def test_there_is_nothing_new_at_first(target: Target):
    assert EventPage((), None) == await target.events(None)


@over_a_network
@pytest.mark.parametrize("spoil", ["lose_next_answer", "break_next"])
async def test_errors_hold_no_text_and_no_secret(side: OtherSide, target: Target, spoil: str):
    getattr(side, spoil)()
    with pytest.raises(DeliveryError) as raised:
        await target.file("r1", PAYLOAD, unsure=False)
    told = f"{raised.value!r} {raised.value}"
    assert not [secret for secret in (CANARY, *side.settings.values()) if secret in told]
