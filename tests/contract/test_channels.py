"""One suite over every channel. A new one brings a spec in `channels/` and its provider's calls in `payloads/`; here nothing is added."""

import asyncio
import json
import socket
import traceback
from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from email.utils import format_datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
import structlog
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import calling, clock, retry
from bot.channels import registry, simulator
from bot.errors import DeliveryError, Forbidden, Malformed, RateLimited, Unanswered, Unreachable
from bot.hooks import RawRequest
from bot.model import Address, Delivered, DeliveryReport, FileRef, Inbound, Outbound, Pick, Pin
from tests.contract.channels.spec import CANARY_NUMBER, REQUIRED_ANSWERS, Call, ProviderAnswer, Spec

NAMES = ["sim", *(entry.name for entry in registry.ENTRIES)]
MODULES = {name: import_module(f"tests.contract.channels.{name}") for name in NAMES}
SPECS: dict[str, Spec] = {name: module.SPEC for name, module in MODULES.items()}
SENDING = [spec for module in MODULES.values() for spec in (module.SPEC, *getattr(module, "VARIANTS", ())) if spec.answers]
PAYLOADS = Path(__file__).parent / "payloads"
CANARY = "canary-Jalan-rusak-di-depan-rumah"
CANARIES = (CANARY, CANARY_NUMBER, CANARY_NUMBER.removeprefix("+62"))
NASTY = ["{{7*7}} {% x %}", '{"$gt": ""}', "<b>*_`[tebal](x)", "%d %s %25 + & = ?", "baris\n\ndua", "😀 “kutip” مرحبا", "x" * 670]


# ---- the provider's calls


@dataclass(frozen=True, slots=True)
class Payload:
    """A call as the provider makes it, without its proof, and what it says."""

    channel: str
    name: str
    request: RawRequest
    expected: tuple[Inbound | DeliveryReport, ...]


def _payloads() -> Iterator[Payload]:
    for path in sorted(PAYLOADS.glob("*/*.json")):
        told = json.loads(path.read_text())
        expected = tuple(_value(each) for each in told["expected"])
        yield Payload(path.parent.name, path.stem, _request(told), expected)


def _request(told: dict[str, Any]) -> RawRequest:
    body = told.get("body", "").encode()
    if "body_hex" in told:
        body = bytes.fromhex(told["body_hex"])
    if "json" in told:
        body = json.dumps(told["json"]).encode()
    if "form" in told:
        body = urlencode(told["form"]).encode()
    return RawRequest(told["method"], told["path"], told.get("query", "").encode(), told.get("headers", {}), body)


def _value(told: dict[str, Any]) -> Inbound | DeliveryReport:
    if "state" in told:
        return DeliveryReport(**{**told, "state": Delivered(told["state"])})
    made = {**told, "address": Address.parse(told["address"])}
    for name, kind in (("pick", Pick), ("pin", Pin)):
        if name in told:
            made[name] = kind(**told[name])
    made["files"] = tuple(FileRef(**each) for each in told.get("files", ()))
    return Inbound(**made)


def _way(spec: Spec) -> str:
    return f"{spec.name} with buttons" if spec.choices else spec.name


ALL = list(_payloads())

each_payload = pytest.mark.parametrize("payload", ALL, ids=[f"{each.channel}-{each.name}" for each in ALL])
each_channel = pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
each_way = pytest.mark.parametrize("spec", SENDING, ids=_way)


@pytest.fixture(scope="module")
async def http():
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture(scope="module")
async def receive(http):
    """(spec, request) -> what the channel makes of it."""
    hooks = {
        (name, hook.method, hook.path): hook.receive
        for name, spec in SPECS.items()
        for hook in spec.hooks(spec.build("http://127.0.0.1:9", http))
    }

    def route(spec: Spec, template: RawRequest, request: RawRequest):
        return hooks[spec.name, template.method, template.path](request)

    return route


def test_every_channel_has_payloads():
    assert set(SPECS) == {payload.channel for payload in ALL}


@each_payload
async def test_a_call_is_read_as_it_was_meant(payload, receive):
    spec = SPECS[payload.channel]
    assert payload.expected == tuple(receive(spec, payload.request, spec.prove(payload.request)))


@each_payload
async def test_the_same_call_again_gives_equal_values(payload, receive):
    spec = SPECS[payload.channel]
    genuine = spec.prove(payload.request)
    assert list(receive(spec, payload.request, genuine)) == list(receive(spec, payload.request, genuine))


@each_payload
async def test_without_proof_nothing_is_read(payload, receive):
    spec = SPECS[payload.channel]
    forged = spec.forge(spec.prove(payload.request))
    assert forged
    for each in forged:
        with pytest.raises(Forbidden):
            receive(spec, payload.request, each)


# ---- garbage


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(CANARIES),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.sampled_from(["id", "text", "message"]), inner, max_size=4),
    max_leaves=8,
)
_noise = st.binary(max_size=80).map(lambda noise: noise + CANARY.encode()) | _json.map(lambda value: json.dumps(value).encode())
_form = st.dictionaries(st.sampled_from(["id", "from", "text", "coding", "charset", "st", "c", "NumMedia", "MessageStatus"]), st.text())
_query = st.binary(max_size=40) | _form.map(lambda pairs: urlencode(pairs).encode())


def _at_most_refused(receive, spec: Spec, template: RawRequest, request: RawRequest) -> None:
    try:
        received = receive(spec, template, spec.prove(request))
    except (Forbidden, Malformed) as error:
        _assert_silent(spec, str(error))
    else:
        assert all(isinstance(each, Inbound | DeliveryReport) for each in received)


@each_channel
@settings(max_examples=60, deadline=None)
@given(data=st.data())
async def test_garbage_is_refused_and_nothing_else(spec, data, receive):
    templates = [payload.request for payload in ALL if payload.channel == spec.name]
    template = data.draw(st.sampled_from(templates))
    garbage = replace(template, body=data.draw(_noise | _query), query=data.draw(_query))
    _at_most_refused(receive, spec, template, garbage)


@each_channel
@settings(max_examples=60, deadline=None)
@given(data=st.data())
async def test_truncated_and_mangled_calls_are_refused_and_nothing_else(spec, data, receive):
    template = data.draw(st.sampled_from([payload.request for payload in ALL if payload.channel == spec.name]))
    part = data.draw(st.sampled_from(["body", "query"]))
    whole = getattr(template, part)
    cut, mangled = data.draw(st.integers(0, len(whole))), data.draw(st.binary(max_size=4))
    _at_most_refused(receive, spec, template, replace(template, **{part: whole[:cut] + mangled}))
    _at_most_refused(receive, spec, template, replace(template, **{part: whole[:cut] + mangled + whole[cut + 1 :]}))


@each_channel
@settings(max_examples=40, deadline=None)
@given(data=st.data())
async def test_values_of_another_type_are_refused_and_nothing_else(spec, data, receive):
    """JSON calls with one value somewhere inside replaced by something of another shape."""
    template = data.draw(st.sampled_from([payload.request for payload in ALL if payload.channel == spec.name]))
    try:
        told = json.loads(template.body)
    except ValueError:
        return
    place = told
    while isinstance(place, dict) and place:
        key = data.draw(st.sampled_from(sorted(place)))
        if not isinstance(place[key], dict) or data.draw(st.booleans()):
            place[key] = data.draw(_json)
            break
        place = place[key]
    _at_most_refused(receive, spec, template, replace(template, body=json.dumps(told).encode()))


# ---- sending


@dataclass(slots=True)
class Provider:
    """Answers every call the same way, and keeps the calls."""

    answer: ProviderAnswer = field(default_factory=lambda: ProviderAnswer(200, ""))
    fault: str = ""
    """drop: hang up without an answer; hang: never answer."""
    calls: list[Call] = field(default_factory=list)
    url: str = ""

    async def handle(self, request: web.Request) -> web.Response:
        form, told = {}, None
        if request.content_type == "application/json":
            told = await request.json()
        elif request.method == "POST":
            form = {name: str(value) for name, value in (await request.post()).items()}
        self.calls.append(Call(request.path, dict(request.query), form, told))
        if self.fault == "drop":
            request.transport.close()
        if self.fault == "hang":
            await asyncio.Event().wait()
        return web.Response(status=self.answer.status, text=self.answer.body, headers=self.answer.headers)


@pytest.fixture
async def provider():
    found = Provider()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", found.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield found
    await runner.cleanup()


class Impatient:
    """A session whose calls take 0.2 seconds at most, whatever they ask for."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http

    def request(self, *args, **given):
        return self._http.request(*args, **{**given, "timeout": aiohttp.ClientTimeout(total=0.2)})


@contextmanager
def everything_said(caplog) -> Iterator[list[str]]:
    """All that is logged inside, as it is before anything redacts it."""
    said: list[str] = []
    caplog.clear()
    with caplog.at_level("DEBUG"), structlog.testing.capture_logs() as events:
        yield said
    said += [str(event) for event in events]
    said += [f"{record.getMessage()} {record.args} {record.exc_text}" for record in caplog.records if not record.name.startswith("asyncio")]


def _assert_silent(spec: Spec, *said: str) -> None:
    for secret in (*spec.secrets, *CANARIES):
        assert not [each for each in said if secret in each], "a secret, a number or a citizen's words"


async def _send(spec: Spec, url: str, http, text: str = CANARY) -> str:
    channel = spec.build(url, http)
    message = Outbound(text, spec.choices, "q.1")
    return await channel.send(spec.to, message, conversation=str(spec.to), effect="turn-1:0")


@asynccontextmanager
async def failing(spec: Spec, caplog):
    """The error raised inside, checked for what no error and no log may hold."""
    found: list[DeliveryError] = []
    with everything_said(caplog) as said:
        try:
            yield found
        except DeliveryError as error:
            found.append(error)
            said += [repr(error), *traceback.format_exception(error)]
    assert found, "a DeliveryError"
    _assert_silent(spec, *said)


@each_way
async def test_every_answer_one_must_expect_is_covered(spec):
    assert REQUIRED_ANSWERS <= set(spec.answers)


ANSWERS = [(spec, what) for spec in SENDING for what in spec.answers]


@pytest.mark.parametrize(("spec", "what"), ANSWERS, ids=[f"{_way(spec)}-{what}" for spec, what in ANSWERS])
async def test_answers_become_the_right_errors(spec, what, provider, http, caplog):
    answer = provider.answer = spec.answers[what]
    if answer.error is None:
        with everything_said(caplog) as said:
            assert isinstance(await _send(spec, provider.url, http), str)
        _assert_silent(spec, *said)
    else:
        async with failing(spec, caplog) as errors:
            await _send(spec, provider.url, http)
        assert (answer.error, answer.retry_after) == (type(errors[0]), errors[0].retry_after)
    assert answer.calls == len(provider.calls)


SLOW_DOWN = [
    ("7", 7.0),
    ("0", 0.0),
    (30, 30.0),
    (-30, None),
    ("-5", None),
    ("31536000", None),
    (366 * 86400, None),
    ("9" * 400, None),
    ("soon", None),
    ("", None),
]
"""Retry-After, in seconds or (a number here) as a date so many seconds from now, and what is made of it: what is absurd is not obeyed."""


@each_way
@pytest.mark.parametrize(("asked", "expected"), SLOW_DOWN, ids=[str(asked)[:12] for asked, _ in SLOW_DOWN])
async def test_being_told_to_slow_down_is_obeyed_within_reason(spec, asked, expected, provider, http):
    value = asked if isinstance(asked, str) else format_datetime(clock.now() + timedelta(seconds=asked), usegmt=True)
    provider.answer = ProviderAnswer(429, "", RateLimited, {"Retry-After": value})
    with pytest.raises(RateLimited) as told:
        await _send(spec, provider.url, http)
    assert expected == pytest.approx(told.value.retry_after, abs=3) if expected else expected == told.value.retry_after
    due = retry.next_attempt(told.value, 1, clock.now(), jitter=1.0, policy=retry.SPEECH)
    assert timedelta(0) < due - clock.now() <= timedelta(seconds=1.5 * calling.MAX_WAIT)


@each_way
@pytest.mark.parametrize("fault", ["drop", "hang"])
async def test_no_answer_leaves_it_open_whether_it_was_sent(spec, fault, provider, http, caplog):
    provider.fault = fault
    async with failing(spec, caplog) as errors:
        await _send(spec, provider.url, Impatient(http))
    assert Unanswered is type(errors[0])
    assert errors[0].retryable


@each_way
async def test_no_connection_means_that_nothing_was_sent(spec, http, caplog):
    with socket.socket() as taken:  # bound, and not listening
        taken.bind(("127.0.0.1", 0))
        async with failing(spec, caplog) as errors:
            await _send(spec, f"http://127.0.0.1:{taken.getsockname()[1]}", http)
    assert Unreachable is type(errors[0])


@each_way
@pytest.mark.parametrize("text", NASTY)
async def test_a_text_goes_out_as_it_is(spec, text, provider, http):
    provider.answer = spec.answers["accepted"]
    await _send(spec, provider.url, http, text)
    assert text == spec.sent_text(provider.calls[0])


# ---- the rest of the protocol


@each_channel
async def test_it_says_who_it_is(spec, http):
    channel = spec.build("http://127.0.0.1:9", http)
    assert spec.name == channel.name == spec.to.transport
    capabilities = registry.capabilities(channel, spec.to)
    assert spec.to.medium == capabilities.medium
    assert capabilities.media == (capabilities.max_file > 0)
    assert capabilities.max_text >= 670


@each_channel
async def test_a_file_it_cannot_have_is_a_named_error(spec, http, caplog):
    async with failing(spec, caplog):
        await spec.build("http://127.0.0.1:9", Impatient(http)).fetch(FileRef("no such file"), limit=10)


async def test_the_simulator_feels_like_the_channels_it_stands_for(http):
    real = [SPECS[name].build("http://127.0.0.1:9", http).capabilities for name in ("sms", "telegram", "whatsapp")]
    assert {each.medium: each for each in real} == simulator.CAPABILITIES


def test_an_inbound_of_every_shape_is_among_the_payloads():
    values = [value for payload in ALL for value in payload.expected if isinstance(value, Inbound)]
    unused = {each.name for each in fields(Inbound) if not any(getattr(value, each.name) for value in values)}
    assert {"at", "trace"} == unused  # which are ours to set, when a message is put aside
