"""What Twilio's REST API lists of the messages that citizens have sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import urlencode, urlsplit

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Received:
    """A message that a citizen sent."""

    sid: str
    account: str
    from_: str
    to: str
    body: str
    at: datetime
    files: tuple[str, ...] = ()

    def listed(self) -> dict[str, object]:
        """As the list shows it."""
        moment = format_datetime(self.at.replace(microsecond=0))
        return {
            "sid": self.sid,
            "account_sid": self.account,
            "from": self.from_,
            "to": self.to,
            "body": self.body,
            "direction": "inbound",
            "status": "received",
            "num_media": str(len(self.files)),
            "num_segments": "1",
            "api_version": "2010-04-01",
            "date_created": moment,
            "date_updated": moment,
            "date_sent": moment,
            "uri": f"/2010-04-01/Accounts/{self.account}/Messages/{self.sid}.json",
            "subresource_uris": {},
        }


def page(received: Sequence[Received], request: web.Request) -> dict[str, object]:
    """The newest first, in pages; times to the second, as everything there."""
    query = dict(request.query)
    to, since, until = query.get("To"), query.get("DateSent>"), query.get("DateSent<")
    found = [
        each
        for each in reversed(received)
        if (to is None or each.to == to)
        and (since is None or each.at >= datetime.fromisoformat(since))
        and (until is None or each.at <= datetime.fromisoformat(until))
    ]
    number, size = int(query.get("Page", "0")), int(query.get("PageSize", "50"))
    more = urlencode({**query, "Page": number + 1}) if found[(number + 1) * size :] else ""
    return {
        "messages": [each.listed() for each in found[number * size : (number + 1) * size]],
        "page": number,
        "page_size": size,
        "next_page_uri": f"{request.path}?{more}" if more else None,
        "uri": str(request.rel_url),
    }


def media_page(files: Sequence[str], mimes: Mapping[str, str]) -> dict[str, object]:
    """The files of one message."""
    listed = [
        {"sid": url.rpartition("/")[2], "content_type": mimes[url.rpartition("/")[2]], "uri": urlsplit(url).path + ".json"} for url in files
    ]
    return {"media_list": listed, "page": 0, "next_page_uri": None, "uri": ""}
