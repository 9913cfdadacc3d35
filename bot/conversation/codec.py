"""Dataclasses and their plain form of dicts, lists and values: a reader and a writer of each class, compiled once.

The last field of a class, `extra`, holds what the class does not know: it is read with the rest, and written first. What equals its default
is not written, and what is null is read as its default.
"""

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Codec:
    """What reads and what writes each class."""

    read: Mapping[type, Callable[[Mapping[str, Any]], Any]]
    """Nothing of the plain form is shared with what is read that could be changed. KeyError when what has no default is missing."""
    write: Mapping[type, Callable[[Any], dict[str, Any]]]


def compiled(*kinds: type) -> Codec:
    """For these classes, and no others in their fields."""
    names: dict[str, Any] = {"copied": _copied, "read_date": date.fromisoformat, "read_datetime": datetime.fromisoformat}
    for kind in kinds:
        exec(_source(kind, names), names)  # noqa: S102  # of our own classes' fields, as dataclasses are made themselves
    return Codec({kind: names[f"read_{kind.__name__}"] for kind in kinds}, {kind: names[f"write_{kind.__name__}"] for kind in kinds})


def _source(kind: Any, names: dict[str, Any]) -> str:
    """Both functions of a class; what they refer to is put into `names`."""
    owner = kind.__name__
    hints = {name: _wanted(hint) for name, hint in typing.get_type_hints(kind).items()}
    known = [each for each in fields(kind) if each.name != "extra"]
    names |= {owner: kind, f"{owner}_names": frozenset(each.name for each in known)}
    names |= {f"{owner}_{each.name}": _default(each) for each in known}
    # By position: so many values by name cost as much again.
    values = "\n".join(f"        {_value(owner, each, hints[each.name])}," for each in known)
    entries = "\n".join(f"    {_entry(owner, each, hints[each.name])}" for each in known)
    return f"""
def read_{owner}(plain):
    get = plain.get
    return {owner}(
{values}
        {{}} if {owner}_names.issuperset(plain) else {{key: copied(plain[key]) for key in plain if key not in {owner}_names}},
    )

def write_{owner}(held):
    plain = {{**held.extra}}
{entries}
    return plain
"""


def _value(owner: str, described: Field[Any], hint: Any) -> str:
    """A field's value, from `plain`."""
    default = _default(described)
    if default is MISSING:
        return _read(hint, f"plain[{described.name!r}]")
    made: Any = described.default_factory
    fresh = f"{owner}_{described.name}" if made is MISSING else {list: "[]", dict: "{}"}.get(made, f"{made.__name__}()")
    return f"{fresh} if (value := get({described.name!r})) is None else {_read(hint, 'value')}"


def _entry(owner: str, described: Field[Any], hint: Any) -> str:
    """A field's entry in `plain`, from `held`."""
    default = _default(described)
    if default is MISSING:
        return f"plain[{described.name!r}] = {_written(hint, f'held.{described.name}')}"
    differs = "is not None" if default is None else f"!= {owner}_{described.name}"
    return f"if (value := held.{described.name}) {differs}: plain[{described.name!r}] = {_written(hint, 'value')}"


def _default(described: Field[Any]) -> Any:
    """What is not written; MISSING when there is none."""
    return described.default if described.default_factory is MISSING else described.default_factory()


def _read(hint: Any, value: str) -> str:
    """The object of a plain value."""
    if hint in {datetime, date} or is_dataclass(hint):
        return f"read_{_name(hint)}({value})"
    if typing.get_origin(hint) is dict:
        return f"copied({value})" if typing.get_args(hint)[1] is Any else f"dict({value})"
    return _list_of(_read, hint, value) if typing.get_origin(hint) is list else value


def _written(hint: Any, value: str) -> str:
    """The plain value of an object."""
    if hint in {datetime, date}:
        return f"{value}.isoformat()"
    if is_dataclass(hint):
        return f"write_{_name(hint)}({value})"
    return _list_of(_written, hint, value) if typing.get_origin(hint) is list else value


def _list_of(each: Callable[[Any, str], str], hint: Any, values: str) -> str:
    one = each(typing.get_args(hint)[0], "each")
    return f"list({values})" if one == "each" else f"[{one} for each in {values}]"


def _name(kind: Any) -> str:
    name: str = kind.__name__
    return name


def _wanted(hint: Any) -> Any:
    """What it is when it is not None."""
    is_union = isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union
    return typing.get_args(hint)[0] if is_union else hint


def _copied(value: Any) -> Any:
    """Of plain dicts, lists and values."""
    if isinstance(value, dict):
        return {key: _copied(inner) for key, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list) else value
