"""Attachments: they stay with the intake, and an officer fetches them from there."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import aiohttp

from core.errors import CoreError
from core.model import Attachment

_CALL_SECONDS = 60.0
_LONGEST_SUFFIX = 8


async def fetch(attachments: Sequence[Attachment], directory: Path, ticket: str, token: str) -> AsyncIterator[Path]:
    """Keep each as `TICKET-NUMBER.suffix`; gives its path. Raises CoreError when one is not to be had or is not the file that was filed."""
    await asyncio.to_thread(directory.mkdir, parents=True, exist_ok=True)
    timeout = aiohttp.ClientTimeout(total=_CALL_SECONDS)
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}, timeout=timeout) as http:
        for number, attachment in enumerate(attachments, 1):
            file = directory / f"{ticket}-{number}{_suffix(attachment)}"
            await asyncio.to_thread(file.write_bytes, await _download(http, attachment))
            yield file


async def _download(http: aiohttp.ClientSession, attachment: Attachment) -> bytes:
    try:
        # A redirect could carry our token to a stranger.
        async with http.get(attachment.url, allow_redirects=False) as answer:
            if answer.status != 200:
                raise CoreError(f"attachment {attachment.id}: the intake answers {answer.status}")
            data = await answer.content.readexactly(attachment.size)
            more = await answer.content.read(1)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise CoreError(f"attachment {attachment.id}: {type(error).__name__}") from error
    except asyncio.IncompleteReadError as error:
        raise CoreError(f"attachment {attachment.id} is shorter than the file that was filed") from error
    if more or hashlib.sha256(data).hexdigest() != attachment.sha256:
        raise CoreError(f"attachment {attachment.id} is not the file that was filed")
    return data


def _suffix(attachment: Attachment) -> str:
    """The file's extension, if it looks like one; the rest of a stranger's file name is not to be trusted."""
    suffix = Path(attachment.name).suffix
    return suffix if suffix[1:].isalnum() and suffix.isascii() and len(suffix) <= _LONGEST_SUFFIX else ""
