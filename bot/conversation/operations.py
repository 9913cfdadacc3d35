"""What is done to a filed report."""

import hashlib
from collections.abc import Mapping
from typing import Any

from bot.conversation.protocol import Operate
from bot.conversation.talk import Talk


def operate(talk: Talk, report: str, operation: str, body: Mapping[str, Any]) -> None:
    """Order it, under an id that follows from the message: the same message does it once."""
    key = f"{talk.heard.address}/{talk.heard.id}/{operation}"
    talk.effects.append(Operate(hashlib.sha256(key.encode()).hexdigest()[:32], report, operation, body))
