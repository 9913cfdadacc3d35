"""What an admin copies into the network once a citizen's report is entered: the number, the access code, and how news will come.

The code opens the report: it belongs into a direct message only.
"""

from bot.entering import Entered
from bot.model import Network
from bot.redirect_replies import LIMITS, Reply, Ways, Write

_BRIEF = "brief"
_CODE_GROUP = 4


def entered_reply(write: Write, entered: Entered, ways: Ways, language: str = "id") -> Reply:
    """For the network on which the citizen waits; in brief where the usual words are too long for it."""
    report, code = entered.report, entered.access_code
    provenance = report.entered or {}
    network = Network(provenance["network"])
    params: dict[str, object] = {
        "office": provenance["office"],
        "network": network.value,
        "receipt": report.receipt,
        "ticket": report.ticket,
        "code": f"{code[:_CODE_GROUP]}-{code[_CODE_GROUP:]}" if code else None,
        "by_phone": provenance["hears"] == "phone",
        "sms": ways.sms,
        "whatsapp": ways.whatsapp,
        "telegram": ways.telegram,
    }
    text, size = "", 0
    for variant in (network.value, _BRIEF):
        text = write("entered", language, variant=variant, **params)
        size = len(text.encode("utf-16-le")) // 2
        if size <= LIMITS[network]:
            break
    return Reply(text, size, LIMITS[network])
