"""`python -m bot chat`: what it sends, in which order, and what it shows."""

import asyncio
import contextlib
import io
import os
import time

import pytest

from bot.commands import chat
from bot.commands.chat import Heard, composed
from bot.model import Address, Choice, Inbound, Outbound, Pick, Pin
from tests.fakes.phones import Phones

ME = Address("sim", "telegram:citizen")
BUTTONS = Heard("Apa?", "kind", ({"value": "pengaduan", "label": "Keluhan"}, {"value": "aspirasi", "label": "Usulan"}))


async def echo(phones, message):
    """Answers a little later, twice."""
    for part in ("satu", "dua"):
        await asyncio.sleep(0.05)
        await phones.say(message.address, Outbound(f"{message.text} {part}"))


class Talk:
    """A run of the command, its standard input a pipe held by the test."""

    def __init__(self, phones, *argv):
        self.out = io.StringIO()
        self.stdin, self.pipe = os.pipe()
        options = chat._parser().parse_args(argv)
        self.task = asyncio.ensure_future(chat._run(options, demo=lambda: self._demo(phones), stdin=self.stdin, out=self.out))

    @contextlib.asynccontextmanager
    async def _demo(self, phones):
        yield phones.demo

    def write(self, *lines):
        os.write(self.pipe, "".join(f"{line}\n" for line in lines).encode())

    async def end(self, *lines):
        self.write(*lines)
        os.close(self.pipe)
        async with asyncio.timeout(10):
            status = await self.task
        os.close(self.stdin)
        return status

    async def shows(self, words):
        async with asyncio.timeout(5):
            while words not in self.out.getvalue():  # noqa: ASYNC110  # the output is a plain file
                await asyncio.sleep(0.01)


@pytest.fixture
async def phones():
    async with Phones(echo).serving() as running:
        yield running


async def test_each_line_waits_for_the_replies_to_the_one_before(phones):
    assert 0 == await (talk := Talk(phones)).end("a", "b", "", "c")
    assert ["a", "b", "c"] == [message.text for message in phones.received]
    assert "a satu\n\na dua\n\nb satu\n\nb dua\n\nc satu\n\nc dua\n\n" == talk.out.getvalue()
    assert 3 == len({message.id for message in phones.received})


async def test_a_last_line_without_its_end_is_a_line(phones):
    talk = Talk(phones)
    os.write(talk.pipe, "Jalan “rusak” 😀".encode())
    await talk.end()
    assert ["Jalan “rusak” 😀"] == [message.text.removesuffix("\n") for message in phones.received]


@pytest.mark.parametrize(
    ("argv", "address"),
    [
        ([], "sim:telegram:citizen"),
        (["--channel", "sms", "--as", "siti"], "sim:sms:siti"),
        (["--channel", "whatsapp", "--as", "sim:whatsapp:siti"], "sim:whatsapp:siti"),
    ],
)
async def test_who_one_is(phones, argv, address):
    await Talk(phones, *argv).end("halo")
    assert address == str(phones.received[0].address)


async def test_what_was_read_before_is_not_shown_again_but_what_came_since_is(phones):
    for number in range(120):
        await phones.say(ME, Outbound(f"lama {number}"))
    await (talk := Talk(phones)).end("a")
    assert [*(f"lama {number}" for number in range(120)), "a satu", "a dua"] == talk.out.getvalue().split("\n\n")[:-1]
    await phones.say(ME, Outbound("Laporan Anda diteruskan"))
    await (again := Talk(phones)).end("b")
    assert "Laporan Anda diteruskan\n\nb satu\n\nb dua\n\n" == again.out.getvalue()


async def test_with_nothing_to_say_and_nothing_to_read_it_waits_for_news(phones):
    talk = Talk(phones, "--wait", "9")
    ending = asyncio.create_task(talk.end())
    await asyncio.sleep(0.2)
    await phones.say(ME, Outbound("Laporan Anda diteruskan"))
    assert 0 == await ending
    assert "Laporan Anda diteruskan\n\n" == talk.out.getvalue()
    await Talk(phones, "--wait", "0.1").end()


async def test_what_arrives_while_nobody_writes_is_shown(phones):
    talk = Talk(phones)
    talk.write("a")
    await talk.shows("a dua")
    await phones.say(ME, Outbound("Laporan Anda diteruskan"))
    await talk.shows("Laporan Anda diteruskan")
    assert 0 == await talk.end("b")
    assert 1 == talk.out.getvalue().count("diteruskan")


async def test_at_the_end_it_waits_for_pending_work_and_no_longer(phones):
    async def file(phones, message):
        phones.later.add(message.address)
        await phones.say(message.address, Outbound("Nomor resi L2345678"))
        asyncio.get_running_loop().call_later(0.3, lambda: asyncio.ensure_future(ticket(message)))

    async def ticket(message):
        await phones.say(message.address, Outbound("Nomor laporan 1916449"))
        phones.later.clear()

    phones.answer = file
    started = time.monotonic()
    await (talk := Talk(phones)).end("kirim")
    assert "Nomor resi L2345678\n\nNomor laporan 1916449\n\n" == talk.out.getvalue()
    assert time.monotonic() - started < 5


async def test_wait_bounds_the_end(phones, capsys):
    phones.later.add(ME)
    started = time.monotonic()
    assert 0 == await Talk(phones, "--wait", "0.3").end()
    assert 0.3 <= time.monotonic() - started < 3
    assert "still pending" in capsys.readouterr().err


async def test_a_bot_that_never_answers_is_a_failure(phones, monkeypatch):
    async def never(*_):
        await asyncio.sleep(30)

    monkeypatch.setattr(chat, "PATIENCE", 0.2)
    phones.answer = never
    with pytest.raises(chat.NoAnswer):
        await Talk(phones).end("halo")
    for task in list(phones._working):
        task.cancel()


async def test_a_bot_that_is_not_there_is_a_failure(phones):
    phones.url = "http://127.0.0.1:9"
    with pytest.raises(chat.NoAnswer, match="does not answer"):
        await Talk(phones).end("halo")


async def test_a_number_taps_the_button_of_the_last_question_only(phones):
    async def ask(phones, message):
        choices = tuple(Choice(each["value"], each["label"]) for each in BUTTONS.choices)
        if message.text == "mulai":
            await phones.say(message.address, Outbound("Apa?", choices=choices, question="kind"))
        await phones.say(message.address, Outbound("Baik"))

    phones.answer = ask
    await (talk := Talk(phones)).end("mulai", "2", "2")
    start, tap, text = phones.received
    assert ("mulai", Pick("kind", "aspirasi"), "") == (start.text, tap.pick, tap.text)
    assert (None, "2") == (text.pick, text.text)
    assert "Apa?\n  [1] Keluhan\n  [2] Usulan\n\nBaik\n\n" in talk.out.getvalue()


async def test_files_and_places_are_sent(phones, tmp_path, capsys):
    photo = tmp_path / "foto jalan.png"
    photo.write_bytes(b"\x89PNG")
    await Talk(phones).end(f"/file {photo}", "/pin -6.2, 106.8", "/file /no/such/file", "/pin Jakarta", "/pin 1,x", "/status")
    file, pin, text = phones.received
    assert ("foto jalan.png", "image/png", 4) == (file.files[0].name, file.files[0].mime, file.files[0].size)
    assert [b"\x89PNG"] == list(phones.uploads.values())
    assert Inbound(pin.id, ME, pin=Pin(-6.2, 106.8)) == pin
    assert "/status" == text.text
    assert 3 == capsys.readouterr().err.count("chat: ")


async def test_a_message_the_bot_cannot_take_ends_it(phones):
    with pytest.raises(chat.RefusedMessage):
        await Talk(phones, "--as", "").end("halo")


@pytest.mark.parametrize(
    ("line", "buttons", "message"),
    [
        ("1", BUTTONS, {"pick": {"question": "kind", "value": "pengaduan"}}),
        (" 2 ", BUTTONS, {"pick": {"question": "kind", "value": "aspirasi"}}),
        ("3", BUTTONS, {"text": "3"}),
        ("0", BUTTONS, {"text": "0"}),
        ("1", None, {"text": "1"}),
        ("1", Heard("Apa?", "", ()), {"text": "1"}),
        ("\u0661", BUTTONS, {"text": "\u0661"}),
        (" jalan rusak ", BUTTONS, {"text": " jalan rusak "}),
        ("/pin 0,0", None, {"pin": {"lat": 0.0, "lon": 0.0}}),
        ("/pinjam", None, {"text": "/pinjam"}),
    ],
)
def test_what_a_line_means(line, buttons, message):
    assert message == composed(line, buttons)


@pytest.mark.parametrize("argv", [["--channel", "fax"], ["--wait", "soon"], ["--wait", "-1"], ["halo"]])
def test_wrong_use_is_status_2(argv, capsys):
    with pytest.raises(SystemExit) as ended:
        chat.main(argv)
    assert 2 == ended.value.code
    assert "usage" in capsys.readouterr().err
