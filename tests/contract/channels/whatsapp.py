"""WhatsApp over Twilio, without content templates and with them."""

import json
from dataclasses import replace

from bot.model import Choice
from tests.contract.channels.twilio_spec import build, twilio_spec

SPEC = twilio_spec("whatsapp", "whatsapp:")

VARIANTS = (
    replace(
        SPEC,
        build=lambda url, http: build("whatsapp", url, http, TWILIO_CONTENT_MENUS="2=HX" + "0" * 32),
        choices=(Choice("ya", "Ya"), Choice("tidak", "Tidak")),
        # What may be the template's fault is followed by plain text.
        answers=SPEC.answers | {"refused for good": replace(SPEC.answers["refused for good"], calls=2)},
        sent_text=lambda call: json.loads(call.form["ContentVariables"])["1"],
    ),
)
