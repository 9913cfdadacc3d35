"""WhatsApp over Twilio."""

from tests.contract.channels.twilio_spec import twilio_spec

SPEC = twilio_spec("whatsapp", "whatsapp:")
