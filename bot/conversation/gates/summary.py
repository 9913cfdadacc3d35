"""Everything at one glance, before it is sent. Confirming files the report and gives its number and access code at once."""

from bot.conversation import flow, replies
from bot.conversation.gates import correct
from bot.conversation.protocol import FileReport, Offer
from bot.conversation.question import Outcome, Question
from bot.conversation.session import Draft
from bot.conversation.story import title_of
from bot.conversation.talk import Reply, Talk
from bot.model import Kind, Location, Report

_SEND, _CHANGE = "kirim", "ubah"
_CODE_GROUP = 4


def ask(talk: Talk, again: bool) -> None:  # noqa: FBT001  # the shape of every question
    """All answers, and whether to send or to change."""
    draft = talk.draft
    secret = talk.by_sms and draft.confidential
    place = draft.place
    talk.ask(
        "ask.summary",
        [Offer(_SEND), Offer(_CHANGE)],
        again=again,
        kind=draft.kind,
        title=None if secret else title_of(draft.text),
        text=None if secret else draft.text,
        place=None if secret or not place.text else place.text,
        area=None if secret or not place.code else talk.tables.places.name(place.code),
        pin=place.lat is not None,
        day=draft.occurred_on,
        agency=None if secret else draft.agency,
        category=None if secret else draft.category,
        files=len(draft.evidence),
        anonymous=draft.anonymous,
        confidential=draft.confidential,
        name=draft.name,
    )


def hear(talk: Talk, reply: Reply) -> Outcome:
    """Send, open the list of corrections, or go straight to the answer that was named."""
    if reply.value == _SEND or (not reply.value and replies.means_yes(reply.text)):
        _file(talk)
        return Outcome.STAYS
    named = correct.read(talk, reply.text)
    if named:
        return correct.start(talk, named, reply.text)
    if reply.value == _CHANGE or correct.wants_change(reply.text):
        talk.open(correct.QUESTION.name)
        correct.ask(talk, False)
        return Outcome.STAYS
    return Outcome.UNCLEAR


def _file(talk: Talk) -> None:
    report = _report(talk, talk.draft)
    talk.effects.append(FileReport(report))
    talk.session.draft = talk.session.asked = None
    code = report.access_code
    talk.say("told.receipt", receipt=report.receipt, code=f"{code[:_CODE_GROUP]}-{code[_CODE_GROUP:]}", kind=report.kind.value)


def _report(talk: Talk, draft: Draft) -> Report:
    if talk.drawn is None or draft.kind is None:
        raise LookupError("not everything is there")
    applying = {step.name for step in flow.correctable(draft, talk.capabilities)}
    return Report(
        id=talk.drawn.report_id,
        receipt=talk.drawn.receipt,
        access_code=talk.drawn.access_code,
        conversation=str(talk.heard.address),
        channel=talk.capabilities.medium.value,
        kind=Kind(draft.kind),
        title=title_of(draft.text),
        body=draft.text,
        location=Location(draft.place.text, draft.place.code, draft.place.lat, draft.place.lon),
        submitted_at=talk.now,
        occurred_on=draft.occurred_on if "when" in applying else None,
        category=draft.category,
        agency=draft.agency,
        anonymous=draft.anonymous,
        confidential=draft.confidential,
        name=None if draft.anonymous else draft.name,
        media=tuple(file.id for file in draft.evidence),
        language=talk.session.language,
    )


QUESTION = Question("summary", ask, hear)
