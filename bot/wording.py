"""Keys become words here: the only module that knows jinja2.

`templates/<language>/<key>.j2` is the text itself. `<key>@sms.j2`, `@whatsapp` or `@telegram` stand in for it where a medium needs other
words. Files that start with `_` are parts for others, `page.<name>.html.j2` are pages, `reply.<name>.j2` is what an admin copies elsewhere.
Labels of choices stand in the template too:

    {% set choices = {"ya": "Ya, setuju", "tidak": "Tidak"} %}

What a citizen wrote is data: it reaches a template as a parameter, is never read as one, and can name no choice.
"""

import re
from collections.abc import Hashable, Iterable, Mapping, MutableMapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import jinja2
from jinja2.bccache import Bucket
from jinja2.runtime import Context

from bot.clock import WIB
from bot.conversation.protocol import Say
from bot.gsm import is_gsm7, to_gsm7
from bot.model import Brief, Capabilities, Choice, Medium, Menu, Outbound

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
"""Where the project keeps its words."""

ELLIPSIS = "..."
"""Three dots: the typographic one would make an SMS 70 characters long instead of 160."""

_LANGUAGE = re.compile(r"[a-z]{2}")
_PAGE = re.compile(r"page\.[\w-]+\.html\.j2")
_REPLY = re.compile(r"reply\.[\w-]+(@\w+)?\.j2")
_CODE = re.compile(r"[a-z_]{0,20}")
_SMALL = 100
_OURS = "url"
"""A parameter that is always an address of our own."""
_KEPT_AT_MOST = 2_000
"""Words that are the same for everybody, kept once they have been filled in."""
_WORDS = re.compile(r"(?P<key>[\w.-]+?)(@(?P<medium>\w+))?\.j2")


_Said = tuple[str, tuple[Choice, ...]]
"""The text, and what become buttons under it."""


class Wording:
    """All templates of a directory, compiled once. Threads and tasks may share it."""

    def __init__(self, directory: Path) -> None:
        """Compile everything, so that a mistake in a template stops the start: jinja2.TemplateError, or ValueError for a misnamed file."""
        self._environment = _environment(directory)
        self._templates = {
            name: self._environment.get_template(name)
            for name in self._environment.list_templates(filter_func=lambda name: name.endswith(".j2"))
        }
        keys: dict[str, set[str]] = {}
        for name in self._templates:
            folder, _, filename = name.rpartition("/")
            if _LANGUAGE.fullmatch(folder):
                keys.setdefault(folder, set()).update(_key_of(filename))
        self._keys = {language: frozenset(found) for language, found in sorted(keys.items())}
        self._kept: dict[Hashable, _Said] = {}

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages there are words in."""
        return tuple(self._keys)

    def keys(self, language: str) -> frozenset[str]:
        """All keys that have words in a language; pages and parts are none. Raises LookupError for an unknown language."""
        return self._keys[language]

    def page(self, name: str, language: str, **params: object) -> str:
        """An HTML page; parameters are escaped. Raises LookupError for an unknown page, jinja2.UndefinedError for a missing parameter."""
        return self._templates[f"{language}/page.{name}.html.j2"].render(params)

    def reply(self, name: str, language: str, *, variant: str = "", **params: object) -> str:
        """What an admin copies into another network: `reply.<name>@<variant>.j2` where there is one, else `reply.<name>.j2`.

        Raises LookupError for an unknown reply, jinja2.UndefinedError for a missing parameter.
        """
        usual = f"{language}/reply.{name}"
        template = self._templates.get(f"{usual}@{variant}.j2") or self._templates[f"{usual}.j2"]
        return template.render(params).strip()

    def html(self, name: str, /, **params: object) -> str:
        """`<name>.html.j2`: a page whose words come as parameters; they are escaped. Raises as `page`."""
        return self._templates[f"{name}.html.j2"].render(params)

    def render(self, say: Say, capabilities: Capabilities) -> Outbound:
        """Words for one medium, no longer than it carries. Raises LookupError for a key or offer without words; jinja2.UndefinedError."""
        mark = _mark(say, capabilities)
        known = self._kept.get(mark) if mark else None
        if known is None:
            known = self._words(say, capabilities)
            if mark and len(self._kept) < _KEPT_AT_MOST:
                self._kept[mark] = known
        return Outbound(*known, say.question, say.ask_location)

    def _words(self, say: Say, capabilities: Capabilities) -> _Said:
        usual = self._templates.get(f"{say.language}/{say.key}.j2")
        own = self._templates.get(f"{say.language}/{say.key}@{capabilities.medium}.j2")
        chosen = own or usual
        if chosen is None or say.key not in self._keys[say.language]:
            raise LookupError(f"no words for {say.key} in {say.language}")
        text, said = _fill(chosen, say.params)
        labels = said or {}
        numbers_in_words = own is not None and said is None and not capabilities.buttons
        if own and usual and not numbers_in_words and not _nameless(say) <= labels.keys():
            labels = {**(_fill(usual, say.params)[1] or {}), **labels}
        offered = _with_label(say, labels, silent=numbers_in_words)
        choices = tuple(choice for _, choice in offered)
        buttons = capabilities.buttons and _have_a_menu(choices, text, capabilities.menus)
        listed = "" if buttons else _numbered(offered)
        if capabilities.medium is Medium.SMS:
            text, listed = _cheaper(text, listed)
        return _fit(text, listed, capabilities.max_text), choices if buttons else ()

    def brief(self, say: Say, day: date) -> Brief | None:
        """What a notice about a report comes to without its content; None for what is not worth that. `day`: today."""
        kind, _, what = say.key.partition(".")
        number = say.params.get("number") or say.params.get("receipt")
        if kind != "notice" or not number:
            return None
        news = {"what": what, "status": say.params.get("status")}
        status = self._text(say.language, "brief.status", news)
        if not status:
            return None
        written = _tanggal_pendek(day)
        text = self._text(say.language, "brief.text", {"number": number, "status": status, "day": written})
        return Brief(number, status, written, _cheaper(text, "")[0], say.language)

    def _text(self, language: str, key: str, params: Mapping[str, Any]) -> str:
        return _fill(self._templates[f"{language}/{key}.j2"], params)[0]


def _key_of(filename: str) -> tuple[str, ...]:
    """The key a file is for, none for a part or a page. ValueError when nobody would ever look for it."""
    if filename.startswith("_") or _PAGE.fullmatch(filename) or _REPLY.fullmatch(filename):
        return ()
    found = _WORDS.fullmatch(filename)
    if found is None or (found["medium"] and found["medium"] not in list(Medium)):
        raise ValueError(f"{filename} is the name of no key, page or part")
    return (found["key"],)


def _fill(template: jinja2.Template, params: Mapping[str, Any]) -> tuple[str, Mapping[str, str] | None]:
    """The text, and the `choices` that the template sets; None when it sets none."""
    context = template.new_context(dict(params))
    text = "".join(template.root_render_func(context))
    return text.rstrip("\n"), context.get_exported().get("choices")


def _mark(say: Say, capabilities: Capabilities) -> Hashable:
    """What stands for words that are the same for everybody, as most questions are; None for what a citizen's own may stand in."""
    offered = []
    for offer in say.offers:
        if offer.label is not None:
            return None
        offered.append(offer.value)
    params = _same_for_all(say.params)
    if params is None:
        return None
    shape = (capabilities.medium, capabilities.buttons, capabilities.menus, capabilities.max_text)
    return (say.key, say.language, shape, *offered, params)


def _same_for_all(params: Mapping[str, Any]) -> Hashable | None:
    """Switches, small numbers and single short words in lower case, as codes are, under their names; None when there is anything else."""
    found: list[Hashable] = []
    for name, value in params.items():
        if isinstance(value, dict):
            inner = _same_for_all(value)
            if inner is None:
                return None
            found += (name, inner)
        elif value is None or value is False or value is True or name == _OURS or _is_a_code(value):
            found += (name, value)
        else:
            return None
    return tuple(found)


def _is_a_code(value: object) -> bool:
    if isinstance(value, int):
        return -_SMALL < value < _SMALL
    return isinstance(value, str) and _CODE.fullmatch(value) is not None


def _nameless(say: Say) -> set[str]:
    return {offer.value for offer in say.offers if offer.label is None}


def _with_label(say: Say, labels: Mapping[str, str], *, silent: bool) -> list[tuple[int, Choice]]:
    """The offers that have a label, with their place among all. Those that have none: left out if `silent`, else a LookupError."""
    found = []
    for number, offer in enumerate(say.offers, 1):
        label = offer.label if offer.label is not None else labels.get(offer.value)
        if label is not None:
            found.append((number, Choice(offer.value, label)))
        elif not silent:
            raise LookupError(f"no label for {offer.value} under {say.key} in {say.language}")
    return found


def _have_a_menu(choices: Sequence[Choice], text: str, menus: Sequence[Menu]) -> bool:
    """Whether the choices fit into one of the shapes there are. None are told apart by equal labels."""
    if not menus:
        return True
    labels = {choice.label for choice in choices}
    return any(
        menu.choices == len(choices) == len(labels) and len(text) <= menu.max_text and max(map(len, labels)) <= menu.max_label
        for menu in menus
    )


def _numbered(offered: Iterable[tuple[int, Choice]]) -> str:
    return "".join(f"\n{number}. {choice.label}" for number, choice in offered)


def _cheaper(text: str, listed: str) -> tuple[str, str]:
    """In the GSM alphabet if all of it fits; what cannot (a name in another script) stays wholly as it was written, and costs UCS-2."""
    plain = to_gsm7(text), to_gsm7(listed)
    return plain if all(map(is_gsm7, plain)) else (text, listed)


def _fit(text: str, listed: str, limit: int) -> str:
    """Text and list in at most `limit` characters: the text gives way, as the list is what can be answered."""
    if _length(text) + _length(listed) <= limit:
        return text + listed
    room = limit - _length(listed)
    if room <= len(ELLIPSIS):
        return _shorten(text + listed, limit)
    return _shorten(text, room) + listed


def _length(text: str) -> int:
    """In UTF-16 units, as Telegram and UCS-2 count: an emoji is two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _shorten(text: str, limit: int) -> str:
    """At most `limit` UTF-16 units, cut after a whole word where there is one."""
    if _length(text) <= limit:
        return text
    room = max(0, limit - len(ELLIPSIS))
    head = text.encode("utf-16-le", "surrogatepass")[: room * 2].decode("utf-16-le", "ignore")
    if head and not (text[len(head)].isspace() or head[-1].isspace()):
        whole, *rest = head.rsplit(None, 1)
        head = whole if rest and len(whole) > room // 2 else head
    return (head.rstrip() + ELLIPSIS)[:limit]


# ---- filters: {{ day|tanggal }} and the like


def _day(value: date | datetime | str) -> date:
    """The day as Jakarta counts it; ISO 8601 text is read, because sessions keep days so."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    return value.astimezone(WIB).date() if isinstance(value, datetime) else value


def _names(context: Context) -> Any:
    """What the language of the running template exports in its `_names.j2`."""
    language = (context.name or "").partition("/")[0]
    return context.environment.get_template(f"{language}/_names.j2").module


@jinja2.pass_context
def _tanggal(context: Context, value: date | datetime | str) -> str:
    """`Jumat, 20 November 2026`."""
    day, names = _day(value), _names(context)
    return f"{names.days[day.weekday()]}, {day.day} {names.months[day.month - 1]} {day.year}"


def _tanggal_pendek(value: date | datetime | str) -> str:
    """`20/11/2026`."""
    return f"{_day(value):%d/%m/%Y}"


@jinja2.pass_context
def _jam(context: Context, value: datetime | str) -> str:
    """`14.30`, in WIB; the template adds the zone's name."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{moment.astimezone(WIB):%H}{_names(context).clock_mark}{moment.astimezone(WIB):%M}"


@jinja2.pass_context
def _ribuan(context: Context, value: int) -> str:
    """`1.234`."""
    return f"{value:,}".replace(",", _names(context).thousands_mark)


class _Compiled(jinja2.FileSystemBytecodeCache):
    """Compiled templates, kept beside them as Python keeps its own: compiling them all takes half a second of every start."""

    def load_bytecode(self, bucket: Bucket) -> None:
        """Read one, if it can be read."""
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep one; where nothing may be written, it is compiled anew at the next start."""
        with suppress(OSError):
            Path(self.directory).mkdir(exist_ok=True)
            super().dump_bytecode(bucket)


class _Environment(jinja2.Environment):
    """Where templates find the same as in any other, sooner."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """In one dict: each use of each part walks through it, which takes its time where it is a chain of two."""
        return {**self.globals, **(d or {})}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """What a dict has under a name that is no method's, without asking for a method first: failing costs as much as all the rest."""
        if obj.__class__ is dict and attribute in obj and not hasattr(dict, attribute):
            return obj[attribute]
        return super().getattr(obj, attribute)


def _environment(directory: Path) -> jinja2.Environment:
    environment = _Environment(
        loader=jinja2.FileSystemLoader(directory),
        autoescape=jinja2.select_autoescape(enabled_extensions=("html.j2",), default=False),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
        bytecode_cache=_Compiled(str(directory / "__pycache__")),
    )
    environment.filters |= {
        "tanggal": _tanggal,
        "tanggal_pendek": _tanggal_pendek,
        "jam": _jam,
        "ribuan": _ribuan,
        "ringkas": _shorten,
    }
    return environment
