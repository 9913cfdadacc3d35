"""What must be said before anything else: the number to call in an emergency, and the address of matters that others answer for."""

from bot.conversation.protocol import Say
from bot.conversation.session import Draft
from bot.conversation.tables import Tables
from bot.conversation.talk import Talk
from bot.conversation.understanding import matters

_KEY = "told.emergency"


def watch(talk: Talk, said: str) -> None:
    """Put the right number at the head of this turn's words, once a draft, when they say that something happens now."""
    draft = talk.session.draft
    if draft and draft.warned:
        return
    what = matters.emergency(said)
    if what is None:
        return
    talk.effects.insert(0, Say(_KEY, {"what": what}, language=talk.session.language))
    if draft:
        draft.warned = True


def look(draft: Draft, tables: Tables) -> None:
    """Remember that the report is a matter for others, until its writer has heard so; see `gates.elsewhere`."""
    if not draft.insisted:
        found = matters.elsewhere(draft.text)
        draft.elsewhere = found if found in tables.out_of_scope else None
