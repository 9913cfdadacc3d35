"""What becomes of words and nudges, whatever the provider says to them. The whole way is in the integration tests."""

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import pytest

from bot import effects
from bot.errors import RateLimited, RecipientUnreachable, Rejected, Unanswered, Unreachable, WindowClosed
from bot.model import Brief, Delivered, DeliveryReport, Effect
from bot.speech import Speech
from tests.unit.test_channel_registry import BUDI

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
OWNER, NUMBER = f"whatsapp:{BUDI}", f"sms:{BUDI}"
BRIEF = Brief("8812345", "selesai", "20/11/2026", "Laporan 8812345: selesai.", "id")
PLAIN = {"text": "Laporan selesai.", "choices": [], "question": "", "ask_location": False}
NOTICE = Effect("n1", effects.SPEECH, "say", {**PLAIN, "brief": asdict(BRIEF)}, due=NOW)
REPLY = Effect("m1/0", effects.SPEECH, "say", PLAIN, due=NOW)
(NUDGE,) = effects.nudge(NOTICE, now=NOW)
(NUDGE_BY_SMS,) = effects.nudge(NUDGE, now=NOW, by_template=False)


class Channel:
    """Takes everything, or raises `error`."""

    def __init__(self, error=None):
        self.error = error
        self.taken = []

    async def send(self, to, message, *, conversation, effect):
        return self._take(to, message.text, conversation, effect)

    async def fetch(self, file, *, limit):
        raise NotImplementedError

    def _take(self, to, text, conversation, effect):
        if self.error:
            raise self.error
        self.taken.append((str(to), text, conversation, effect))
        return f"SM{len(self.taken)}"


class WhatsApp(Channel):
    template_error = None

    async def send_brief(self, to, brief, *, conversation, effect):
        if self.template_error:
            raise self.template_error
        return self._take(to, f"template: {brief.status}", conversation, effect)


class Store:
    """The conversation, as far as it matters here."""

    def __init__(self):
        self.remembered, self.said, self.held, self.pushed, self.reported = {}, [], [], [], []

    async def words(self, _id, effect):
        return self.remembered.get(effect)

    async def spoken(self, _id):
        return self.said

    async def report_delivery(self, _id, effect, state, code, _at, *, wordless=False):
        if wordless and effect in self.remembered:
            return False
        self.reported.append((effect, state, code))
        return True

    async def hold_back(self, _conversation, words, new):
        self.held.append(words)
        self.pushed += new

    async def push(self, _conversation, new):
        self.pushed += new


class Scene:
    def __init__(self):
        self.store, self.whatsapp, self.sms = Store(), WhatsApp(), Channel()
        self.channels = {"whatsapp": self.whatsapp, "sms": self.sms}
        self.speech = Speech(
            conversations=self.store,
            channel=self.channels.get,
            by_sms=lambda address: type(address)("sms", address.id) if "sms" in self.channels else None,
            keeper=self.store,
            now=lambda: NOW,
        )


@pytest.fixture
def scene():
    return Scene()


@pytest.mark.parametrize(("effect", "remembered"), [(NOTICE, NOTICE), (REPLY, None)], ids=["notice", "reply"])
async def test_of_what_is_said_only_notices_are_remembered(scene, effect, remembered):
    carried = await scene.speech.say(OWNER, effect, ())
    assert ("SM1", remembered) == (carried.provider_id, carried.words)
    assert [(OWNER, PLAIN["text"], OWNER, effect.id)] == scene.whatsapp.taken


@pytest.mark.parametrize("closed", [False, True])
async def test_what_may_have_to_be_told_otherwise_knows_when_it_was_sent(scene, closed):
    """Long after it was due, where the provider was away for a while."""
    scene.whatsapp.error = WindowClosed() if closed else None
    carried = await scene.speech.say(OWNER, replace(NOTICE, due=NOW - timedelta(hours=3)), ())
    assert [NOTICE] == [*scene.store.held, *([carried.words] if carried.words else [])]


@pytest.mark.parametrize(("effect", "nudges"), [(NOTICE, [NUDGE]), (REPLY, [])], ids=["notice", "reply"])
async def test_words_refused_for_the_window_are_held_back_and_a_notice_nudges(scene, effect, nudges):
    scene.whatsapp.error = WindowClosed()
    carried = await scene.speech.say(OWNER, effect, ())
    assert (None, None) == (carried.provider_id, carried.words)
    assert ([effect], nudges) == (scene.store.held, scene.store.pushed)


@pytest.mark.parametrize("error", [Unanswered(), RateLimited(), RecipientUnreachable(), Rejected()])
async def test_any_other_refusal_is_the_carriages_business(scene, error):
    scene.whatsapp.error = error
    with pytest.raises(type(error)):
        await scene.speech.say(OWNER, NOTICE, ())
    assert [] == scene.store.held


async def test_a_nudge_goes_by_template_and_is_remembered(scene):
    carried = await scene.speech.nudge(OWNER, NUDGE, ())
    assert ("SM1", NUDGE) == (carried.provider_id, carried.words)
    assert ([(OWNER, "template: selesai", OWNER, "n1/brief")], []) == (scene.whatsapp.taken, scene.sms.taken)


@pytest.mark.parametrize("error", [Rejected(), WindowClosed(), RecipientUnreachable()])
async def test_a_template_that_is_refused_gives_way_to_an_sms(scene, error):
    scene.whatsapp.template_error = error
    carried = await scene.speech.nudge(OWNER, NUDGE, ())
    assert ("SM1", None) == (carried.provider_id, carried.words)
    assert [(NUMBER, BRIEF.text, OWNER, "n1/brief")] == scene.sms.taken


async def test_a_nudge_waits_for_a_provider_that_is_away(scene):
    scene.whatsapp.template_error = Unanswered()
    with pytest.raises(Unanswered):
        await scene.speech.nudge(OWNER, NUDGE, ())
    assert [] == scene.sms.taken


async def test_a_nudge_after_a_template_that_did_not_arrive_goes_by_sms_alone(scene):
    await scene.speech.nudge(OWNER, NUDGE_BY_SMS, ())
    assert ([], [(NUMBER, BRIEF.text, OWNER, "n1/brief/sms")]) == (scene.whatsapp.taken, scene.sms.taken)


@pytest.mark.parametrize("error", [Rejected(), RecipientUnreachable()])
async def test_a_nudge_that_nobody_takes_is_over(scene, error):
    scene.whatsapp.template_error = scene.sms.error = error
    assert None is (await scene.speech.nudge(OWNER, NUDGE, ())).provider_id


async def test_without_sms_a_nudge_is_over(scene):
    del scene.channels["sms"]
    scene.whatsapp.template_error = Rejected()
    assert None is (await scene.speech.nudge(OWNER, NUDGE, ())).provider_id


async def test_a_channel_that_is_switched_off_is_waited_for(scene):
    del scene.channels["whatsapp"]
    for way in (scene.speech.say, scene.speech.nudge):
        with pytest.raises(Unreachable):
            await way(OWNER, NOTICE, ())


def report(effect, state=Delivered.FAILED, *, closed=False):
    return DeliveryReport(OWNER, effect.id, state, "63016" if closed else None, window_closed=closed)


async def test_a_notice_that_was_taken_and_refused_later_is_held_back_too(scene):
    scene.store.remembered = {NOTICE.id: NOTICE}
    assert await scene.speech.reported(report(NOTICE, closed=True))
    assert ([NOTICE], [NUDGE]) == (scene.store.held, scene.store.pushed)
    assert [(NOTICE.id, Delivered.FAILED, "63016")] == scene.store.reported


async def test_a_refusal_that_is_faster_than_the_settling_is_looked_at_again(scene, monkeypatch):
    """The words come to be known just after they were asked for: nobody may take them for looked at."""

    async def a_moment_too_soon(_id, effect):
        scene.store.remembered = {effect: NOTICE}

    with monkeypatch.context() as patch:
        patch.setattr(scene.store, "words", a_moment_too_soon)
        assert not await scene.speech.reported(report(NOTICE, closed=True))
    assert ([], []) == (scene.store.held, scene.store.reported)
    assert await scene.speech.reported(report(NOTICE, closed=True))
    assert [NOTICE] == scene.store.held


async def test_a_status_refused_after_a_later_one_was_said_is_not_held_back(scene):
    former = replace(NOTICE, id=f"{'4' * 32}:1/0")
    scene.store.remembered, scene.store.said = {former.id: former}, [f"{'4' * 32}:2/0"]
    assert await scene.speech.reported(report(former, closed=True))
    assert ([], [(former.id, Delivered.FAILED, "63016")]) == (scene.store.held, scene.store.reported)


async def test_words_that_were_said_again_are_not_held_back(scene):
    """The same refusal, reported twice."""
    scene.store.remembered, scene.store.said = {NOTICE.id: NOTICE}, [NOTICE.id + effects.AT_LAST]
    assert await scene.speech.reported(report(NOTICE, closed=True))
    assert [] == scene.store.held


@pytest.mark.parametrize("closed", [False, True])
async def test_a_template_that_did_not_arrive_is_followed_by_an_sms(scene, closed):
    scene.store.remembered = {NUDGE.id: NUDGE}
    await scene.speech.reported(report(NUDGE, closed=closed))
    assert ([], [NUDGE_BY_SMS]) == (scene.store.held, scene.store.pushed)


@pytest.mark.parametrize(
    "told", [report(NOTICE), report(NOTICE, Delivered.DELIVERED), report(REPLY, closed=True)], ids=["other failure", "delivered", "reply"]
)
async def test_of_any_other_report_only_the_state_is_kept(scene, told):
    scene.store.remembered = {NOTICE.id: NOTICE}
    await scene.speech.reported(told)
    assert ([], [], 1) == (scene.store.held, scene.store.pushed, len(scene.store.reported))
