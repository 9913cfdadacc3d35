"""The driver's own HTTP: messages are whole or awaited, and each library's way of naming a chat is read."""

import pytest

from bench import wire
from bench.standin import TOKEN, StandIn


def head(name=b"Content-Length", value=b"5"):
    return b"POST /x HTTP/1.1\r\nHost: a\r\n" + name + b": " + value


def test_a_message_is_taken_when_all_of_it_has_come():
    whole = head() + b"\r\n\r\nhello"
    for end in range(len(whole)):
        assert wire.take(bytearray(whole[:end])) is None

    assert (head(), b"hello") == wire.take(bytearray(whole))


def test_the_next_message_stays():
    buffer = bytearray(head() + b"\r\n\r\nhello" + b"POST")

    wire.take(buffer)

    assert b"POST" == buffer


def test_lengths_are_read_in_any_case_and_may_be_missing():
    assert (head(b"content-length"), b"hello") == wire.take(bytearray(head(b"content-length") + b"\r\n\r\nhello"))
    assert (head(b"X", b"1"), b"") == wire.take(bytearray(head(b"X", b"1") + b"\r\n\r\n"))


def test_chunks_are_refused():
    with pytest.raises(ValueError, match="chunks"):
        wire.take(bytearray(head(b"Transfer-Encoding", b"chunked") + b"\r\n\r\n"))


def test_what_is_sent_can_be_taken():
    taken_head, body = wire.take(bytearray(wire.request("/hooks", b'{"a":1}', {"X-Secret": "s"})))

    assert b'{"a":1}' == body
    assert b"X-Secret: s" in taken_head.split(b"\r\n")
    assert b"{}" == wire.take(bytearray(wire.answer(b"{}")))[1]


@pytest.mark.parametrize(
    "body",
    [
        b'{"chat_id":42,"text":"a"}',
        b'{"text": "a", "chat_id": "42"}',
        b"text=a&chat_id=42",
        b'--b\r\nContent-Disposition: form-data; name="chat_id"\r\n\r\n42\r\n--b--',
        b'--b\r\nContent-Disposition: form-data; name="chat_id"\r\nContent-Type: text/plain\r\n\r\n42\r\n--b--',
    ],
)
async def test_a_message_reaches_its_chat(body):
    standin = StandIn()

    standin._take(f"POST /bot{TOKEN}/sendMessage HTTP/1.1".encode(), body)

    assert body == await standin.heard(42)


async def test_only_messages_are_heard():
    standin = StandIn()

    answer = standin._take(f"POST /bot{TOKEN}/answerCallbackQuery HTTP/1.1".encode(), b'{"chat_id":42}')

    assert b'"result":true' in answer
    assert not standin._unheard


def test_a_message_to_nobody_is_an_error():
    with pytest.raises(ValueError, match="no chat_id"):
        StandIn()._take(b"POST /bot1:x/sendMessage HTTP/1.1", b"{}")
