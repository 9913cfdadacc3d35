"""Words that come while nothing is asked and no draft stands."""

from bot.conversation import patience, replies
from bot.conversation.actions import answer, kept, menu
from bot.conversation.drafts import begin
from bot.conversation.talk import Talk

_GREETED_BACK = 5
"""Empty messages of late that get a menu each."""


def hear(talk: Talk, text: str) -> bool:
    """Greet, thank, offer to pass it on to a waiting agency, be patient, or begin a report with it. True when a draft has begun."""
    if replies.is_thanks(text):
        talk.say("told.welcome")
        return False
    if kept.is_wanted(talk, text):
        return kept.take_up(talk)
    if _says_nothing(text):
        if patience.is_worn(talk, _GREETED_BACK):
            patience.answer(talk)
            return False
        patience.note(talk)
        if talk.consented or talk.by_sms or talk.session.awaited:
            menu.show(talk)
            return False
        begin(talk)
        return True
    if talk.session.awaited:
        answer.offer(talk, text)
        return False
    if patience.is_no_report(talk, text):
        patience.doubt(talk, text)
        return False
    begin(talk, text)
    return True


def _says_nothing(text: str) -> bool:
    """A greeting, a number or a yes out of the blue."""
    short = replies.is_blank(text) or replies.is_greeting(text) or replies.number(text) is not None
    return short or replies.means_yes(text) or replies.means_no(text) or not replies.words(text)
