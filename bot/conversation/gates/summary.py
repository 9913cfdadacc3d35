"""Everything at one glance, before it is sent. Confirming files the report and gives its number and access code at once."""

from bot.conversation import flow, replies, similar
from bot.conversation.actions import kept, second
from bot.conversation.gates import amend, consent, correct
from bot.conversation.protocol import FileReport, Offer
from bot.conversation.question import Outcome, Question
from bot.conversation.session import Draft
from bot.conversation.steps import visibility
from bot.conversation.story import title_of
from bot.conversation.talk import Reply, Talk
from bot.model import Kind, Location, Report

_SEND, _CHANGE = "kirim", "ubah"
_CODE_GROUP = 4
_LONG = 5
"""Words; as many may be another report, or more of this one."""
_MISTAKEN = replies.vocabulary("salah bukan betul benar sesuai correct right")


def ask(talk: Talk, again: bool) -> None:  # noqa: FBT001  # the shape of every question
    """All answers, and whether to send or to change."""
    draft = talk.draft
    secret = talk.by_sms and draft.confidential
    place = draft.place
    like = similar.before_summary(talk)
    talk.ask(
        "ask.summary",
        [Offer(_SEND), Offer(_CHANGE), *similar.offers(talk)],
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
        consent=not draft.agreed,
        url=talk.tables.privacy_url,
        **like,
    )


def hear(talk: Talk, reply: Reply) -> Outcome:
    """Send, take a correction, or open the list of what may be corrected. Where consent is still missing, sending gives it."""
    joins = similar.wants_to_join(talk, reply.value, reply.text)
    adds = similar.wants_to_add(talk, reply.value, reply.text)
    if joins or adds or reply.value == _SEND or (not reply.value and replies.means_yes(reply.text)):
        if not talk.draft.agreed:
            consent.agree(talk)
        if adds:
            similar.add_to_older(talk)
            kept.tell(talk)
        else:
            _file(talk, joins=similar.nearby(talk) if joins else 0)
        return Outcome.STAYS
    return _hear_words(talk, reply.text) if not reply.value else _change(talk)


def _hear_words(talk: Talk, said: str) -> Outcome:
    named = None if visibility.is_choice(said) else correct.read(talk, said)
    if named:
        return correct.start(talk, named, said)
    if amend.take(talk, said):
        ask(talk, False)
        return Outcome.STAYS
    if not talk.draft.agreed and _refuses(said):
        consent.refuse(talk)
        return Outcome.STAYS
    if correct.wants_change(said):
        return _change(talk)
    if len(replies.words(said)) < _LONG or talk.tables.read(said, talk.today).kind == "bukan":
        return Outcome.UNCLEAR
    second.offer(talk, said)
    return Outcome.STAYS


def _change(talk: Talk) -> Outcome:
    talk.open(correct.QUESTION.name)
    correct.ask(talk, False)
    return Outcome.STAYS


def _refuses(text: str) -> bool:
    """A plain no, where yes would be consent; "salah" and "bukan" only find a mistake."""
    return replies.means_no(text) and not set(replies.words(text)) & _MISTAKEN


def _file(talk: Talk, *, joins: int) -> None:
    report = report_of(talk, talk.draft, joins=joins)
    talk.effects.append(FileReport(report))
    talk.session.draft = talk.session.asked = None
    code = report.access_code
    talk.say("told.receipt", receipt=report.receipt, code=f"{code[:_CODE_GROUP]}-{code[_CODE_GROUP:]}", kind=report.kind.value)
    kept.tell(talk)


def report_of(talk: Talk, draft: Draft, *, joins: int = 0) -> Report:
    """The draft as it is filed, under what was drawn; it joins so many others. LookupError when something that must be there is not."""
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
        joins=joins,
        redirect=draft.redirect,
        started_at=draft.started,
        messages=draft.messages,
    )


QUESTION = Question("summary", ask, hear)
