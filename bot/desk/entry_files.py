"""Evidence sent with the form of an entry: looked at, kept under the form's own ids, and named again by the next submit."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from bot import media_type
from bot.conversation.media import AT_MOST
from bot.desk.visit import Visit
from bot.entering import media_id
from bot.errors import MediaUnsupported
from bot.file_name import ENDINGS, LIMIT, named
from bot.ports import Media, MediaInfo
from bot.redirects import Author

FILE_AT_MOST = 20_000_000
"""Bytes: what the channels take."""
BODY_AT_MOST = AT_MOST * FILE_AT_MOST + (1 << 20)
"""Bytes of the whole form."""
ACCEPTED = ",".join(ending for endings in ENDINGS.values() for ending in endings)
"""For the browser's own dialogue."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that was not taken."""

    name: str
    key: str
    """large, unsupported, many."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the form has after a submit."""

    kept: Sequence[MediaInfo] = ()
    refused: Sequence[Refused] = ()


class Uploads:
    """The files of one form, which are its author's and nobody else's to name."""

    def __init__(self, media: Media, author: Author, form_id: str) -> None:
        self._media = media
        self._ids = [media_id(author, form_id, index) for index in range(AT_MOST)]

    async def take(self, visit: Visit) -> Evidence:
        """Those named before that are still wanted, and the new ones. Raises StoreUnavailable."""
        here = dict(await self._media.info(self._ids))
        wanted = [id_ for id_ in dict.fromkeys(map(str, visit.form.getall("keep", []))) if id_ in here]
        for id_ in set(map(str, visit.form.getall("had", []))) - set(wanted):
            if here.pop(id_, None):
                await self._media.erase(_owner(id_))
        kept, refused = [here[id_] for id_ in wanted], list[Refused]()
        for sent in visit.form.getall("files", []):
            if isinstance(sent, web.FileField):
                taken = await self._taken(sent, here, visit)
                if isinstance(taken, Refused):
                    refused.append(taken)
                elif taken.id not in {info.id for info in kept}:
                    kept.append(taken)
        return Evidence(kept, refused)

    async def _taken(self, sent: web.FileField, here: dict[str, MediaInfo], visit: Visit) -> MediaInfo | Refused:
        shown = sent.filename[-LIMIT:]
        data = await asyncio.to_thread(sent.file.read, FILE_AT_MOST + 1)
        if len(data) > FILE_AT_MOST:
            return Refused(shown, "large")
        try:
            mime = await asyncio.to_thread(media_type.sniff, data)
            name = named(sent.filename, mime)
        except MediaUnsupported:
            return Refused(shown, "unsupported")
        digest = hashlib.sha256(data).hexdigest()
        for id_ in self._ids:
            # What stands under an id stays: the same file sent twice is one, and another one (of a page gone back to) is stepped over.
            if id_ not in here:
                here[id_] = await self._media.put(id_, _owner(id_), data, name=name, mime=mime, at=visit.now)
            if here[id_].sha256 == digest:
                return here[id_]
        return Refused(shown, "many")


def _owner(id_: str) -> str:
    """Each file is its own owner, so that one can be erased without the others."""
    return f"desk:{id_}"


def file_ids(evidence: Evidence) -> tuple[str, ...]:
    """What the report names."""
    return tuple(info.id for info in evidence.kept)


def problems(visit: Visit, evidence: Evidence) -> dict[str, str]:
    """The sentence beside the field."""
    told = [visit.t(f"entry.file_{refused.key}", name=refused.name, most=AT_MOST) for refused in evidence.refused]
    return {"files": " ".join(told)} if told else {}
