"""Everything the conversation may say: each key with a sample of the parameters its template gets, and the choices it has to name.

The checks of the wording render every key with these; a test of the conversation proves that nothing else is ever said.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from bot.conversation.categories import CATEGORIES
from bot.model import Kind, Network, Status

Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """What comes with a key."""

    params: Params = field(default_factory=dict)
    """A typical sample; the names are exactly those that are always given."""
    offers: tuple[str, ...] = ()
    """The choices whose labels stand in the template; those that carry data as their label are not among them."""
    variants: tuple[Params, ...] = ()
    """What else some of the parameters may be: each is laid over `params`."""


_NOTED: Params = {"noted": None, "progress": None}
_ECHOES: tuple[Params, ...] = tuple(
    {"noted": noted}
    for noted in (
        {"what": "thanks"},
        {"what": "place", "name": "Kecamatan Cibodas, Kota Tangerang, Banten"},
        {"what": "words", "text": "dekat pohon besar"},
        {"what": "pin"},
        {"what": "day", "day": date(2026, 11, 17)},
        {"what": "no_day"},
        {"what": "loose_day"},
        {"what": "told"},
        {"what": "category", "category": "psu"},
        {"what": "files", "count": 2},
        {"what": "skipped"},
        {"what": "first"},
        {"what": "back"},
        {"what": "resumed"},
    )
)
_READ: Params = {
    "what": "read",
    "thanks": True,
    "kind": "pengaduan",
    "area": "Kecamatan Cibodas, Kota Tangerang, Banten",
    "day": date(2026, 11, 17),
    "category": "jalan",
    "anonymous": False,
    "confidential": True,
}
_FIRST: tuple[Params, ...] = (
    {"noted": _READ},
    {"noted": {**_READ, "thanks": False, "kind": None, "area": None, "category": None, "anonymous": True}},
    {"noted": {**_READ, "day": None, "confidential": False}, "progress": {"n": 1, "of": 4}},
    {"progress": {"n": 3, "of": 5}},
)
_NOTES = (*_ECHOES, *_FIRST)
"""What may stand at the head of a question on the way: what was understood, and how far it is."""
_QUESTION: Params = {**_NOTED, "again": False}
_AGAIN: tuple[Params, ...] = ({"again": True},)
_FACTS: Params = {
    "number": "8812345",
    "receipt": "L23456789",
    "ticket": "8812345",
    "status": "disposed",
    "submitted": datetime(2026, 11, 20, 3, 0, tzinfo=UTC),
    "title": "Lampu jalan di depan SDN 3 Cibodas mati sejak seminggu",
    "agency": "Dinas Pekerjaan Umum Kota Tangerang",
    "note": "Diteruskan ke bidang penerangan.",
    "missing": [],
    "due": "response",
    "day": date(2026, 11, 27),
    "days": 5,
    "wants_answer": False,
    "rated": False,
    "mine": True,
    "here": False,
    "secret": False,
}
_ITEMS = ("title", "body", "occurred_on", "location", "category", "agency", "attachments", "reporter")
_UNTOLD: Params = {"title": None, "agency": None, "note": None}
_NO_DEADLINE: Params = {"due": "", "day": None, "days": None}
_STATUSES: tuple[Params, ...] = (
    {"status": "received", "due": "verification"},
    {"status": "postponed", "due": "reply", "missing": ["location", "attachments"]},
    {"status": "postponed", "due": "reply", "missing": ["occurred_on", "location", "attachments"], "here": True},
    {"status": "postponed", "missing": [], **_NO_DEADLINE},
    {"status": "archived", **_NO_DEADLINE, "note": None},
    {"status": "archived", **_NO_DEADLINE, **_UNTOLD, "secret": True},
    {"status": "not_our_authority", **_NO_DEADLINE},
    {"status": "archived", **_NO_DEADLINE},
    {"status": "disposed", **_UNTOLD, "secret": True},
    {"status": "disposed", "days": 0},
    {"status": "in_progress", "due": "resolution", "days": -2},
    {"status": "in_progress", **_UNTOLD, **_NO_DEADLINE, "wants_answer": True},
    {"status": "answered", "due": "reply", "days": 10},
    {"status": "answered", **_UNTOLD, **_NO_DEADLINE},
    {"status": "completed", **_NO_DEADLINE},
    {"status": "completed", "due": "reopening", "days": 10},
    {"status": "completed", "due": "reopening", "days": 10, "rated": True},
    {"status": "completed", "due": "reopening", "days": -1, "rated": True},
    {"status": "completed", **_NO_DEADLINE, "rated": True},
    {"status": "withdrawn", **_NO_DEADLINE},
    {"status": "answered", "due": "reply", "days": 10, "title": None, "mine": False},
    {"status": "postponed", "due": "reply", "missing": ["location"], "title": None, "mine": False},
    {"status": "completed", **_NO_DEADLINE, "title": None, "mine": False},
    {"ticket": None, "number": "L23456789", "status": "received", **_NO_DEADLINE},
)
_LISTED: Params = {
    "reports": [dict(_FACTS), {**_FACTS, "receipt": "LABCDEFGH", "number": "LABCDEFGH", "status": "received", **_NO_DEADLINE}]
}
_SUMMARY: Params = {
    **_QUESTION,
    "kind": "pengaduan",
    "title": "Lampu jalan di depan SDN 3 Cibodas mati sejak seminggu",
    "text": "Lampu jalan di depan SDN 3 Cibodas mati sejak seminggu. Gelap sekali, sudah ada yang jatuh.",
    "place": "depan SDN 3 Cibodas, kec Cibodas Kota Tangerang",
    "area": "Kecamatan Cibodas, Kota Tangerang, Banten",
    "pin": False,
    "day": date(2026, 11, 17),
    "agency": "Dinas PU Kota Tangerang",
    "category": "psu",
    "files": 2,
    "anonymous": False,
    "confidential": False,
    "name": "Siti Aminah",
    "own": None,
    "nearby": 0,
    "consent": False,
    "url": "https://lapor.example.go.id/privasi",
}
_SUMMARIES: tuple[Params, ...] = (
    {"again": True},
    {"own": "L23456789", "consent": True},
    {"nearby": 99, "consent": True},
    {"nearby": 1},
    {"kind": "aspirasi", "day": None, "agency": None, "category": None, "files": 0, "name": None},
    {"kind": "informasi", "day": None, "area": None, "pin": True},
    {"day": None, "place": None, "area": None, "pin": True, "anonymous": True, "name": None},
    {"title": None, "text": None, "place": None, "area": None, "agency": None, "category": None, "confidential": True},
    {"anonymous": True, "confidential": True, "name": None},
    {"consent": True, "name": None, "agency": None, "files": 0},
    {"consent": True, "name": None, "agency": None, "files": 0, "place": None, "again": True},
    {"consent": True, "kind": "aspirasi", "day": None, "place": None, "area": None, "agency": None, "category": None, "name": None},
    {"consent": True, "title": None, "text": None, "place": None, "area": None, "agency": None, "category": None, "confidential": True},
)
_RATING = ("mulai", "belum", "nanti")
_PAGE = tuple(category.code for category in CATEGORIES[:8])
_STEPS = ("kind", "text", "where", "when", "agency", "category", "evidence", "visibility", "name")

_QUESTIONS: Mapping[str, KeyInfo] = {
    "ask.consent": KeyInfo(
        {**_QUESTION, "text_kept": True, "renewed": False, "url": "https://lapor.example.go.id/privasi"},
        ("ya", "tidak"),
        ({"again": True}, {"text_kept": False}, {"renewed": True}),
    ),
    "ask.elsewhere": KeyInfo(
        {**_QUESTION, "matter": "pidana"},
        ("tetap", "batal"),
        ({"again": True}, {"matter": "peradilan"}, {"matter": "legislatif"}, {"matter": "korupsi"}, {"matter": "korupsi", "again": True}),
    ),
    "ask.kind": KeyInfo({**_QUESTION, "text_kept": False}, tuple(kind.value for kind in Kind), (*_AGAIN, {"text_kept": True}, *_NOTES)),
    "ask.text": KeyInfo(
        {**_QUESTION, "kind": "pengaduan", "more": False},
        variants=(*_AGAIN, {"kind": "aspirasi"}, {"kind": "informasi"}, {"kind": None}, {"more": True}),
    ),
    "ask.where": KeyInfo(
        {**_QUESTION, "kind": "pengaduan", "pins": True}, variants=(*_AGAIN, {"kind": "aspirasi"}, {"pins": False}, *_NOTES)
    ),
    "ask.where_more": KeyInfo({**_NOTED, "text": "dekat pohon besar", "pins": True}, variants=({"pins": False},)),
    "ask.where_which": KeyInfo({**_QUESTION, "text": "tangerang"}, ("lain",), _AGAIN),
    "ask.gaps": KeyInfo(
        {**_QUESTION, "kind": "pengaduan", "more": False}, variants=(*_AGAIN, {"more": True}, {"more": True, "again": True}, *_NOTES)
    ),
    "ask.gaps_which": KeyInfo(_QUESTION, ("lain",), _AGAIN),
    "ask.when": KeyInfo(_QUESTION, ("hari_ini", "kemarin", "tidak_tahu"), (*_AGAIN, *_NOTES)),
    "ask.agency": KeyInfo(_QUESTION, ("lewati",), (*_AGAIN, *_NOTES)),
    "ask.category": KeyInfo(
        {**_QUESTION, "narrowed": False, "codes": list(_PAGE), "more": True},
        (*_PAGE, "berikut", "lewati"),
        (*_AGAIN, {"narrowed": True}),
    ),
    "ask.category_word": KeyInfo(_QUESTION, ("lewati",), _AGAIN),
    "ask.evidence": KeyInfo({**_QUESTION, "count": 0, "most": 10}, ("lewati",), (*_AGAIN, *_NOTES)),
    "ask.visibility": KeyInfo(_QUESTION, ("terbuka", "anonim", "rahasia", "keduanya"), (*_AGAIN, *_NOTES)),
    "ask.name": KeyInfo(_QUESTION, ("lewati",), _AGAIN),
    "ask.summary": KeyInfo(_SUMMARY, ("kirim", "ubah"), (*_SUMMARIES, *_NOTES)),
    "ask.correct": KeyInfo(_QUESTION, _STEPS, _AGAIN),
    "ask.resume": KeyInfo(
        {**_QUESTION, "title": "Lampu jalan di depan SDN 3 Cibodas mati", "room": True},
        ("lanjut", "baru"),
        (*_AGAIN, {"title": None}, {"room": False}, {"room": False, "again": True}),
    ),
    "ask.second": KeyInfo(
        {**_QUESTION, "title": "Lampu jalan di depan SDN 3 Cibodas mati", "room": True},
        ("baru", "tambah"),
        (*_AGAIN, {"title": None}, {"room": False}, {"room": False, "again": True}),
    ),
    "ask.kept": KeyInfo(_QUESTION, variants=_AGAIN),
    "ask.restart": KeyInfo(_QUESTION, ("ya", "tidak"), _AGAIN),
    "ask.erase": KeyInfo({**_QUESTION, "draft": True}, ("hapus", "tidak"), (*_AGAIN, {"draft": False})),
    "ask.doubt": KeyInfo(_NOTED, ("ya",)),
    "ask.menu": KeyInfo(_NOTED, ("lapor", "status", "bantuan")),
    "ask.which": KeyInfo(
        {**_QUESTION, "purpose": "status", "new": True, **_LISTED},
        ("L23456789", "LABCDEFGH", "baru"),
        (*_AGAIN, {"purpose": "add"}, {"purpose": "withdraw"}, {"purpose": "rate"}, {"purpose": "reopen"}),
    ),
    "ask.add": KeyInfo({**_QUESTION, "number": "8812345", "media": True}, variants=(*_AGAIN, {"media": False})),
    "ask.answer": KeyInfo({**_QUESTION, "number": "8812345", "several": False}, ("ya", "baru", "batal"), _AGAIN),
    "ask.item": KeyInfo(
        {**_QUESTION, "number": "8812345", "item": "location", "at": 2, "of": 3},
        ("cukup", "baru", "batal"),
        (*_AGAIN, *({"item": item} for item in _ITEMS)),
    ),
    "ask.withdraw": KeyInfo({**_QUESTION, "number": "8812345"}, ("ya", "tidak"), _AGAIN),
    "ask.score": KeyInfo({**_QUESTION, "number": "8812345"}, _RATING, _AGAIN),
    "ask.skm": KeyInfo(
        {**_QUESTION, "number": "8812345", "element": 1, "of": 9},
        ("1", "2", "3", "4", "berhenti"),
        (*_AGAIN, *({"element": number} for number in range(2, 10))),
    ),
    "ask.reopen": KeyInfo({**_QUESTION, "number": "8812345", "media": True}, variants=(*_AGAIN, {"media": False})),
}

_ANSWERS: Mapping[str, KeyInfo] = {
    "told.receipt": KeyInfo({"receipt": "L23456789", "code": "ABCD-2345", "kind": "pengaduan"}),
    "told.status": KeyInfo({**_FACTS, "waiting": False}, variants=(*_STATUSES, {"waiting": True, **_NO_DEADLINE})),
    "told.no_reports": KeyInfo(),
    "told.added": KeyInfo({"number": "8812345"}),
    "told.answered": KeyInfo({"number": "8812345"}),
    "told.stopped": KeyInfo(),
    "told.withdrawn": KeyInfo({"number": "8812345"}),
    "told.over": KeyInfo({"number": "8812345", "status": "completed"}),
    "told.rated": KeyInfo({"number": "8812345", "low": False}, variants=({"low": True},)),
    "told.rate_another_time": KeyInfo({"number": "8812345"}),
    "told.reopened": KeyInfo({"number": "8812345"}),
    "told.reopen_late": KeyInfo({"number": "8812345"}),
    "told.still_open": KeyInfo({"number": "8812345", "status": "in_progress"}),
    "told.rated_before": KeyInfo({"number": "8812345"}),
    "told.rate_later": KeyInfo({"number": "8812345"}),
    "told.erased": KeyInfo(),
    "told.help": KeyInfo(
        {"drafting": False, "media": True}, variants=({"drafting": True}, {"media": False}, {"drafting": True, "media": False})
    ),
    "told.language": KeyInfo(),
    "told.cancelled": KeyInfo(),
    "told.nothing_to_cancel": KeyInfo(),
    "told.kept": KeyInfo(
        {"count": 1, "title": "Lampu jalan di depan SDN 3 Cibodas mati"}, variants=({"title": None}, {"count": 3, "title": None})
    ),
    "told.welcome": KeyInfo(),
    "told.edited": KeyInfo(),
    "told.pin_kept": KeyInfo(),
    "told.files_kept": KeyInfo({"count": 2, "most": 10, "agreed": True}, variants=({"agreed": False}, {"count": 10}, {"count": 1})),
    "told.text_cut": KeyInfo({"limit": 20_000}),
    "told.text_more": KeyInfo(),
    "told.refused": KeyInfo(),
    "told.emergency": KeyInfo({"what": "fire"}, variants=({"what": "medical"}, {"what": "violence"}, {"what": "rescue"})),
    "told.patient": KeyInfo({"drafting": False}, variants=({"drafting": True},)),
    "told.redirected": KeyInfo(
        {"office": "Dinas Komunikasi dan Informatika Kota Tangerang", "network": "instagram"},
        variants=(*({"network": network.value} for network in Network), {"office": "Dinas " * 40, "network": "lainnya"}),
    ),
    "told.redirect_filed": KeyInfo({"number": "8812345"}),
    "told.redirect_later": KeyInfo(),
    "filed.joins": KeyInfo({"count": 3}),
    "sorry.unknown_report": KeyInfo(),
    "sorry.way_out": KeyInfo(),
    "sorry.edited_late": KeyInfo(),
    "sorry.edit_unclear": KeyInfo(),
    "sorry.code_unknown": KeyInfo(),
    "sorry.unsupported": KeyInfo(
        {"what": "voice", "media": True},
        variants=tuple({"what": what, "media": False} for what in ("sticker", "contact", "file", "poll")),
    ),
    "sorry.file_too_large": KeyInfo({"megabytes": 20}),
    "sorry.too_many_files": KeyInfo({"most": 10}),
    "sorry.parked": KeyInfo(),
}

_NOTICES: Mapping[str, KeyInfo] = {
    "notice.ticket": KeyInfo({**_FACTS, "status": "received", "due": "verification"}, variants=_STATUSES[:-1]),
    "notice.status": KeyInfo(_FACTS, variants=_STATUSES),
    "notice.completed": KeyInfo({**_NOTED, **_FACTS, "status": "completed", "due": "reopening"}, _RATING, (_UNTOLD, _NO_DEADLINE)),
    "notice.message": KeyInfo(
        {**_FACTS, "text": "Mohon kirim foto tiang lampunya, ya.", "attachments": 0, "wants_answer": True},
        variants=(
            {"text": None, **_UNTOLD, "secret": True},
            {"attachments": 1, "wants_answer": False},
            {"here": True},
            {"attachments": 2, "due": "reply", "text": ""},
        ),
    ),
    "notice.reminder": KeyInfo(
        {**_FACTS, "status": "postponed", "due": "reply", "days": 2, "missing": ["location", "attachments"]},
        variants=({"here": True}, {"missing": []}, {"missing": list(_ITEMS), "title": None, "here": True, "days": 0}),
    ),
    "notice.unbound": KeyInfo(
        {"number": "L23456789", "news": "ticket", "status": "received", "day": date(2026, 11, 20)},
        variants=(
            *({"news": "status", "status": status.value} for status in Status),
            *({"news": news} for news in ("message", "reminder", "refused", "conflict", "operation_failed", "media_late")),
        ),
    ),
    "notice.refused": KeyInfo({"receipt": "L23456789"}),
    "notice.media_late": KeyInfo({"number": "8812345", "count": 1}, variants=({"count": 2},)),
    "notice.media_failed": KeyInfo(
        {"name": "lampu.jpg", "number": None, "reason": "media_too_large", "drafting": True},
        variants=(
            {"name": None, "number": "8812345", "reason": "media_gone", "drafting": False},
            {"name": None, "reason": "media_unsupported", "drafting": False},
        ),
    ),
    "notice.operation_failed": KeyInfo({"number": "8812345", "reason": "refused"}),
}

_BRIEFS: Mapping[str, KeyInfo] = {
    "brief.status": KeyInfo(
        {"what": "status", "status": "disposed"},
        variants=(
            *({"what": "status", "status": status.value} for status in Status),
            *({"what": what} for what in ("ticket", "message", "reminder", "refused", "operation_failed", "media_failed")),
        ),
    ),
    "brief.text": KeyInfo({"number": "8812345", "status": "kiriman Anda sedang diperiksa petugas", "day": "20/11/2026"}),
}
"""What notices come to without their content, while WhatsApp is closed: said by the wording itself."""

CATALOGUE: Mapping[str, KeyInfo] = {**_QUESTIONS, **_ANSWERS, **_NOTICES, **_BRIEFS}
"""Key -> what comes with it. `sorry.parked` is said by intake, when the conversation itself has failed; `filed.joins` stands in a
report's own text."""
