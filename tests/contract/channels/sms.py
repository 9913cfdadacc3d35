"""SMS by gateway: its proof is the last part of the path."""

from dataclasses import replace

from bot.channels import sms
from bot.errors import Rejected, ServerFault, Unanswered, Unauthorized
from bot.model import Address
from tests.contract.channels.spec import CANARY_NUMBER, ProviderAnswer, Spec, links

SECRET = "gateway-secret-1f0c"
PASSWORD = "sendsms-password-77aa"

_TYPE = {"Content-Type": "text/html"}


def _build(url, http):
    settings = {
        "SMS_WEBHOOK_SECRET": SECRET,
        "SMS_SEND_URL": f"{url}/cgi-bin/sendsms",
        "SMS_SEND_USERNAME": "bot",
        "SMS_SEND_PASSWORD": PASSWORD,
        "SMS_SENDER": "1708",
    }
    return sms.ENTRY.build(settings, links(url), http)


def _prove(request):
    return replace(request, path=request.path.replace("{secret}", SECRET))


def _forge(request):
    wrong = ["", "x", SECRET[:-1], SECRET + "x", SECRET.upper(), "{secret}", "é"]
    return [replace(request, path=request.path.replace(SECRET, each)) for each in wrong]


SPEC = Spec(
    name="sms",
    secrets=(SECRET, PASSWORD),
    build=_build,
    prove=_prove,
    forge=_forge,
    to=Address("sms", CANARY_NUMBER),
    answers={
        "accepted": ProviderAnswer(202, "0: Accepted for delivery"),
        "queued": ProviderAnswer(202, "3: Queued for later delivery"),
        "refused for good": ProviderAnswer(400, "Empty receiver number not allowed, rejected", Rejected),
        "no such route": ProviderAnswer(404, "Error, the requested document was not found", Rejected),
        "credentials refused": ProviderAnswer(403, "Authorization failed for sendsms", Unauthorized),
        "slow down": ProviderAnswer(503, "Temporal failure, try again later.", ServerFault, {"Retry-After": "7"}, 7.0),
        "server fault": ProviderAnswer(500, "", ServerFault),
        "unavailable": ProviderAnswer(503, "Temporal failure, try again later.", ServerFault),
        "nonsense": ProviderAnswer(200, "<html>It works!</html>", Unanswered),
        "redirect": ProviderAnswer(302, "", Unanswered, {"Location": "/login"}),
    },
    sent_text=lambda call: call.query["text"],
)
