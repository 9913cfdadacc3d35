"""One trace id from the provider's webhook to the call to the core, on the way back, and on what is logged between."""

import orjson

from bot import tracing
from bot.model import Address, Inbound
from bot.tracing import Trace

ID = "4bf92f3577b34da6a3ce929d0e0e4736"


def lines(stage, event):
    logged = [orjson.loads(line) for line in stage.log.getvalue().splitlines()]
    return [line for line in logged if line["event"] == event]


async def test_the_trace_of_the_webhook_reaches_the_core_and_the_log(stage):
    stage.telegram.proxy_headers["traceparent"] = f"00-{ID}-00f067aa0ba902b7-01"
    await stage.web()
    await stage.worker()
    siti = await stage.filed()
    report = await stage.report_of(siti)
    [filing] = [seen for seen in stage.core.requests if seen.method == "POST"]
    assert ID == tracing.read(filing.headers["traceparent"]).id
    assert "00f067aa0ba902b7" not in filing.headers["traceparent"]
    for event in ("report_filed", "report_forwarded"):
        [line] = lines(stage, event)
        assert (report.id, ID) == (line["report"], line["trace_id"])


async def test_without_a_trace_of_the_callers_each_message_has_one_of_its_own(stage):
    await stage.web()
    await stage.worker()
    citizens = [await stage.filed(), await stage.filed()]
    await stage.quiet()
    traces = {tracing.read(seen.headers["traceparent"]).id for seen in stage.core.requests if seen.method == "POST"}
    assert len(citizens) == len(traces)
    assert traces == {line["trace_id"] for line in lines(stage, "report_forwarded")}


async def test_what_the_core_says_is_followed_to_the_citizens_conversation(stage):
    await stage.web()
    await stage.worker()
    siti = await stage.filed()
    await stage.quiet()
    stage.telegram.refuse("sendMessage", 500, times=50)
    key = (await stage.report_of(siti)).id
    headers, body = stage.core.signed(stage.core.event(key, "disposed", agency="Dinas Uji"))
    assert 200 == await stage.post("/hooks/core", body, headers | {"traceparent": f"00-{ID}-00f067aa0ba902b7-00"})
    conversation = f"telegram:{siti.person.id}"
    kept = await stage.until_true(lambda: stage.store.conversations.load(conversation), lambda found: found.effects)
    assert [Trace(ID)] == [tracing.of(effect) for effect in kept.effects]


async def test_a_message_that_is_put_aside_keeps_its_trace(stage):
    intake = (await stage.app()).intake
    with tracing.bound(Trace(ID)):
        for number in range(70):
            await intake.receive([Inbound(str(number), Address("telegram", "42"), "halo")])
    held = await stage.store.held.oldest("telegram:42", 100)
    assert [str(Trace(ID))] * 10 == [each.trace for each in held]
