"""Whatever citizens write is data: kept, forwarded and said as it is, and never a template, a query or markup."""

import asyncio

import orjson

TEMPLATE = "Harga pupuk {{7*7}} {% raw %} ${7*7} #{7*7} naik terus"
QUERY = 'Jalan rusak {"$gt": ""} {"$where": "sleep(9000)"} {"a.b": {"$ne": null}} $where'
MARKUP = "Jalan <b>rusak</b> *parah* _sekali_ [klik](tg://user?id=1) &lt; <script>alert(1)</script>"
EMOJI = "Jalan rusak \U0001f6e3\ufe0f\U0001f573\ufe0f \U0001f468\u200d\U0001f469\u200d\U0001f467 parah \U0001f1ee\U0001f1e9"
RIGHT_TO_LEFT = "Jalan rusak \u202egnitab\u202c \u05e9\u05dc\u05d5\u05dd \u200f parah"
PATH = "Jalan rusak ../../etc/passwd %s %n {0} {name} \\u0000 \\x00"

AS_WRITTEN = (TEMPLATE, QUERY, MARKUP, EMOJI, RIGHT_TO_LEFT, PATH)


def forwarded(stage, report):
    """The body of a report as the core has it."""
    return orjson.loads(stage.core.reports[report.id].body)


async def test_hostile_texts_are_stored_forwarded_and_echoed_as_they_are(stage):
    await stage.web()
    await stage.worker()
    citizens = [
        stage.citizen(text, name) for text, name in zip(AS_WRITTEN, ("{{7*7}}", "$where", "<b>", "a.b", "\u202e", "%s"), strict=True)
    ]
    await asyncio.gather(*(citizen.report(stage.telegram) for citizen in citizens))
    await asyncio.gather(*(stage.ticket(citizen) for citizen in citizens))
    for citizen in citizens:
        report = await stage.report_of(citizen)
        assert citizen.text == report.body["body"] == forwarded(stage, report)["body"]
        assert any(citizen.text in sent.text for sent in citizen.person.heard)
    assert [] == [call for call in stage.telegram.calls if "parse_mode" in call.params or "entities" in call.params]
    assert [] == await stage.parked()


async def test_nul_and_half_a_surrogate_pair_do_no_harm(stage):
    await stage.web()
    await stage.worker()
    stage.by_hand()
    siti = stage.citizen("Jalan rusak di depan pasar")
    update = siti.person.says("Jalan\x00 rusak HALF di depan pasar lama sejak kemarin")
    update["message"]["from"]["first_name"] = "Si\x00ti HALF"
    body = orjson.dumps(update).replace(b"HALF", b"\\ud83d")
    assert 200 == await stage.deliver(body)
    await siti.person.hears(1)
    stage.telegram.pending.clear()
    session = (await stage.store.conversations.load(f"telegram:{siti.person.id}")).session
    assert "Jalan rusak ? di depan pasar lama sejak kemarin" == session["draft"]["parts"][0]["text"]
    assert [] == await stage.parked()


async def test_half_a_surrogate_pair_in_a_held_message_does_no_harm(stage):
    web = await stage.web()
    stage.by_hand()
    web.intake._pace._most = 0
    update = stage.citizen().person.says("Jalan rusak HALF")
    assert 200 == await stage.deliver(orjson.dumps(update).replace(b"HALF", b"\\udc00"))
    stage.telegram.pending.clear()
    [held] = await stage.store.held.oldest(f"telegram:{update['message']['chat']['id']}", 10)
    assert "Jalan rusak ?" == held.text


async def test_sixty_five_thousand_characters_are_cut_at_twenty_thousand_and_said(stage):
    await stage.web()
    await stage.worker()
    siti = stage.citizen("Jalan rusak. " + "aduh " * 13_000)
    await siti.report(stage.telegram)
    await stage.ticket(siti)
    report = await stage.report_of(siti)
    assert 19_990 < len(forwarded(stage, report)["body"]) <= 20_000
    assert siti.text.startswith(report.body["body"])
    assert any("20.000" in sent.text for sent in siti.person.heard)
    assert max(len(sent.text) for sent in siti.person.heard) <= 4096


async def test_an_sms_of_any_bytes_and_length_is_answered(stage):
    """Twilio's form: an emoji, invalid UTF-8 and percent signs."""
    await stage.web()
    await stage.worker()
    for place, text in enumerate((EMOJI, "%00%ff%", "x" * 65_000, "\u200f" * 10, "$where")):
        assert [200] == await stage.twilio.text(f"+62812345678{place:02}", text)
    await stage.quiet()
    assert {f"+62812345678{place:02}" for place in range(5)} == {sent.to for sent in stage.twilio.messages}
