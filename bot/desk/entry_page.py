"""Entering a report for a citizen, on one page: read from their message, corrected, filed, and told back."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from aiohttp import web

from bot.conversation import story
from bot.conversation.categories import CATEGORIES
from bot.conversation.form import Problem
from bot.conversation.media import AT_MOST
from bot.desk import entry_form, entry_place
from bot.desk.entry_files import ACCEPTED, FILE_AT_MOST, Evidence, Uploads, file_ids
from bot.desk.entry_files import problems as file_problems
from bot.desk.entry_form import Fields
from bot.desk.entry_place import Offer, Typed
from bot.desk.visit import Visit
from bot.entering import CONSENT_LIMIT, Agreed, drawn_for, new_form
from bot.model import Address, Kind, Network
from bot.redirecting import LINK_LIMIT
from bot.redirects import Author

FORM_AT_MOST = 512 << 10
"""Bytes of the form without its files: the longest text, each character escaped."""

_FORM_ID = re.compile(r"[\w-]{32}", re.ASCII)
_CODE_GROUP = 4
_FOR_OTHERS = "elsewhere"
_ORDER = (*entry_form.NAMES[:3], "files", *entry_form.NAMES[3:])
"""Of the fields on the page."""
PRIVACY_PATH = "/privasi"


@dataclass(frozen=True, slots=True)
class Draft:
    """A form as it stands between two submits."""

    form_id: str
    fields: Fields
    read: Fields
    """What the message says, by field."""
    offer: Offer = field(default_factory=Offer)
    evidence: Evidence = field(default_factory=Evidence)


async def show(visit: Visit) -> web.StreamResponse:
    """An empty form, ready to be pasted into."""
    return _page(visit, Draft(new_form(), entry_form.fresh(visit), dict.fromkeys(entry_form.READ, "")), {})


async def enter(visit: Visit) -> web.StreamResponse:
    """Read the message into the fields, or file the report; with anything wrong the page again, and nothing typed is lost."""
    form_id = _form_id(visit)
    if await visit.desk.entering.entered(_author(visit), form_id):
        return _to_filed(visit, form_id)
    fields, read = entry_form.sent(visit), entry_form.marks(visit)
    if visit.request.headers.get("X-Fragment"):  # entry.js takes what was read out of the answer, and the files stay where they are
        return _reread(visit, Draft(form_id, fields, read))
    evidence = await Uploads(visit.desk.media, _author(visit), form_id).take(visit)
    draft = Draft(form_id, fields, read, _offer(visit, fields, fields["area"]), evidence)
    return await _file(visit, draft) if visit.text("do") == "enter" else _reread(visit, draft)


def _reread(visit: Visit, draft: Draft) -> web.Response:
    facts = visit.desk.redirecting.read(draft.fields["text"], visit.now)
    fields, read = entry_form.reread(draft.fields, draft.read, facts)
    chosen = fields["area"] if fields["area"] != visit.text("read_area") else ""  # a place that was read, not chosen, is read anew
    draft = replace(draft, fields=fields, read=read, offer=_offer(visit, fields, chosen))
    return _page(visit, draft, file_problems(visit, draft.evidence))


async def _file(visit: Visit, draft: Draft) -> web.Response:
    entering, author = visit.desk.entering, _author(visit)
    fields = entry_form.with_wishes(draft.fields)
    entry = entry_form.entry_of(fields, draft.read, draft.offer, files=file_ids(draft.evidence), author=author, now=visit.now)
    drawn = drawn_for(author, draft.form_id)
    checked = entering.checked(entry, drawn)
    wrong = [*entry_form.own_problems(fields), *(checked if isinstance(checked, Sequence) else ())]
    told = file_problems(visit, draft.evidence) | _sentences(visit, wrong)
    if told:
        return _page(visit, draft, told, is_for_others=any(problem.key == _FOR_OTHERS for problem in wrong))
    await visit.audit("entry.filed", drawn.receipt, network=entry.network.value, hears=fields["hears"])
    filed = await entering.enter(entry, draft.form_id)
    return _page(visit, draft, _sentences(visit, filed)) if isinstance(filed, Sequence) else _to_filed(visit, draft.form_id)


async def places(visit: Visit) -> web.StreamResponse:
    """The areas that the words typed so far may mean, to take their place in the page."""
    fields = entry_form.sent(visit)
    return visit.page("entry_areas", offer=_offer(visit, fields, fields["area"]))


async def filed(visit: Visit) -> web.StreamResponse:
    """Receipt, access code, and the ticket as soon as there is one. The sealed id serves its author only, as long as a session lasts."""
    form_id = visit.unseal("form")
    entered = await visit.desk.entering.entered(_author(visit), form_id)
    if entered is None:
        raise web.HTTPNotFound
    report, code = entered.report, entered.access_code or ""
    provenance = report.entered or {}
    number = Address.parse(report.contact).id.rpartition(":")[2] if report.contact else ""
    return visit.page(
        "entry_filed",
        report=report,
        code=f"{code[:_CODE_GROUP]}-{code[_CODE_GROUP:]}" if code else "",
        number=visit.masked(number, report.receipt) if number else None,
        reply=await visit.desk.copies.entered(entered),
        network=provenance["network"],
        how=provenance["consent"]["how"],
        again=visit.request.path_qs,
    )


def _form_id(visit: Visit) -> str:
    form_id = visit.text("form")
    if not _FORM_ID.fullmatch(form_id):
        raise web.HTTPBadRequest
    return form_id


def _author(visit: Visit) -> Author:
    return Author(visit.account.id, visit.account.office)


def _to_filed(visit: Visit, form_id: str) -> web.Response:
    return visit.go("/entries/filed", form=visit.seal("form", form_id))


def _offer(visit: Visit, fields: Fields, chosen: str) -> Offer:
    typed = Typed(fields["place"], chosen, fields["area_for"], fields["text"])
    return entry_place.offer(visit.desk.places, visit.desk.suggestions, typed)


def _sentences(visit: Visit, problems: Sequence[Problem]) -> dict[str, str]:
    """What stands beside each field; the first problem of each."""
    return {problem.field: visit.t(_key(problem)) for problem in reversed(problems)}


def _key(problem: Problem) -> str:
    if problem.key == _FOR_OTHERS:
        return f"entry.elsewhere_{problem.choices[0]}"
    return f"entry.problem_{problem.field}_{problem.key}"


def _page(visit: Visit, draft: Draft, problems: Mapping[str, str], *, is_for_others: bool = False) -> web.Response:
    fields = entry_form.with_wishes(draft.fields)
    return visit.page(
        "entry",
        status=422 if problems else 200,
        draft=draft,
        fields=fields,
        wished=entry_form.wished(fields),
        problems={name: problems[name] for name in _ORDER if name in problems},
        is_for_others=is_for_others,
        emergency=entry_form.emergency(fields),
        options=_options(visit),
        minute=entry_form.minute(visit.now),
        privacy=f"{visit.desk.public_url}{PRIVACY_PATH}",
        accepted=ACCEPTED,
        limits={"text": story.LIMIT, "link": LINK_LIMIT, "consent": CONSENT_LIMIT, "files": AT_MOST, "bytes": FILE_AT_MOST},
    )


def _options(visit: Visit) -> Mapping[str, Sequence[tuple[str, str]]]:
    """What there is to choose from: values and words."""
    return {
        "networks": [(network.value, visit.t(f"network.{network}")) for network in Network],
        "kinds": [(kind.value, visit.t(f"kind.{kind}")) for kind in Kind],
        "categories": [(category.code, visit.t(f"category.{category.code}")) for category in CATEGORIES],
        "ways": [(way, visit.t(f"entry.hears_{way}")) for way in (entry_form.BY_ADMIN, entry_form.BY_PHONE)],
        "agreed": [(how.value, visit.t(f"entry.agreed_{how}")) for how in Agreed],
    }
