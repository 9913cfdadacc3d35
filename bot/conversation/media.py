"""Files a citizen sends: kept under ids that follow from the message, so that the same message never brings a file twice."""

import hashlib
from collections.abc import Sequence

from bot.conversation.protocol import FetchMedia
from bot.conversation.replies import clean
from bot.conversation.session import Evidence
from bot.conversation.talk import Talk
from bot.model import FileRef

AT_MOST = 10
"""Files of one report."""

_NAME_LIMIT = 100
_MEGABYTE = 1_000_000


def media_id(address: str, message_id: str, index: int) -> str:
    """The store's id of the index-th file of a message. Says nothing about the sender."""
    return f"{hashlib.sha256(f'{address}/{message_id}'.encode()).hexdigest()[:24]}-{index}"


def accepted(talk: Talk, room: int) -> list[Evidence]:
    """The message's files that we take; says what we do not take, and why."""
    limit = talk.capabilities.max_file
    fitting = [(index, file) for index, file in enumerate(talk.heard.files) if not (limit and file.size and file.size > limit)]
    if len(fitting) < len(talk.heard.files):
        talk.say("sorry.file_too_large", megabytes=limit // _MEGABYTE)
    if len(fitting) > room:
        talk.say("sorry.too_many_files", most=AT_MOST, coalesce=f"full:{talk.heard.album}" if talk.heard.album else "")
    return [_evidence(talk, index, file) for index, file in fitting[: max(0, room)]]


def _evidence(talk: Talk, index: int, file: FileRef) -> Evidence:
    id_ = media_id(str(talk.heard.address), talk.heard.id, index)
    return Evidence(id_, file.ref, file.mime, clean(file.name)[:_NAME_LIMIT] if file.name else None, file.size)


def fetch(talk: Talk, files: Sequence[Evidence]) -> None:
    """Order those that have not been ordered yet."""
    for file in files:
        if not file.fetched:
            file.fetched = True
            talk.effects.append(FetchMedia(file.id, FileRef(file.ref, file.mime, file.name, file.size)))
