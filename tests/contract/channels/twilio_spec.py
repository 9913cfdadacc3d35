"""Both channels over Twilio: the proof is a signature over the public URL and the form."""

import json
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

from multidict import MultiDict
from twilio.request_validator import RequestValidator

from bot.channels import registry
from bot.errors import RateLimited, RecipientUnreachable, Rejected, ServerFault, Unanswered, Unauthorized, WindowClosed
from bot.model import Address
from tests.contract.channels.spec import CANARY_NUMBER, PUBLIC, ProviderAnswer, Spec, links, with_headers, without_header

ACCOUNT = "AC00000000000000000000000000001708"
TOKEN = "twilio-token-2e7b"
HEADER = "x-twilio-signature"


def build(name, url, http, **more):
    """One of the two, set up to call this provider."""
    settings = {
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_WHATSAPP_FROM": "+14155238886",
        "TWILIO_SMS_FROM": "+14155550100",
        "TWILIO_API_URL": url,
        **more,
    }
    entry = next(each for each in registry.ENTRIES if each.name == name)
    return entry.build(settings, links(), http)


def _signature(request, token=TOKEN, base=PUBLIC):
    query = f"?{request.query.decode('latin-1')}" if request.query else ""
    form = MultiDict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
    return RequestValidator(token).compute_signature(base + request.path + query, form)


def _prove(request):
    headers = {"content-type": "application/x-www-form-urlencoded", **request.headers}
    return with_headers(replace(request, headers=headers), **{HEADER: _signature(request)})


def _forge(request):
    form = parse_qsl(request.body.decode(), keep_blank_values=True)
    other_body = urlencode([(name, value + "0" if name == "From" else value) for name, value in form]).encode()
    other_account = replace(request, body=urlencode([(n, "AC" + "1" * 32 if n == "AccountSid" else v) for n, v in form]).encode())
    shifted = replace(request, body=urlencode([("AccountSid" + form[0][0], form[0][1]), *form[1:]]).encode())
    return [
        without_header(request, HEADER),
        with_headers(request, **{HEADER: ""}),
        with_headers(request, **{HEADER: "é"}),
        with_headers(request, **{HEADER: _signature(request, token="other")}),
        with_headers(request, **{HEADER: _signature(request, base="https://other.example")}),
        replace(request, body=other_body),
        replace(request, query=request.query + b"&x=1"),
        replace(request, body=b""),
        shifted,
        _prove(other_account),
    ]


def _refusal(status, code):
    return json.dumps({"status": status, "code": code, "message": "The 'To' number is not valid", "more_info": "https://example"})


def twilio_spec(name, prefix):
    """The spec of one of the two."""
    return Spec(
        name=name,
        secrets=(TOKEN,),
        build=lambda url, http: build(name, url, http),
        prove=_prove,
        forge=_forge,
        to=Address(name, CANARY_NUMBER),
        answers={
            "accepted": ProviderAnswer(201, json.dumps({"sid": "SM1", "status": "queued", "to": prefix + CANARY_NUMBER})),
            "refused for good": ProviderAnswer(400, _refusal(400, 21617), Rejected),
            "opted out": ProviderAnswer(400, _refusal(400, 21610), RecipientUnreachable),
            "window closed": ProviderAnswer(400, _refusal(400, 63016), WindowClosed),
            "credentials refused": ProviderAnswer(401, _refusal(401, 20003), Unauthorized),
            "slow down": ProviderAnswer(429, _refusal(429, 20429), RateLimited, {"Retry-After": "7"}, 7.0),
            "server fault": ProviderAnswer(500, _refusal(500, 20500), ServerFault),
            "unavailable": ProviderAnswer(503, "<html>", ServerFault),
            "nonsense": ProviderAnswer(200, "<html>It works!</html>", Unanswered),
            "redirect": ProviderAnswer(302, "", Unanswered, {"Location": "/login"}),
        },
        sent_text=lambda call: call.form["Body"],
    )
