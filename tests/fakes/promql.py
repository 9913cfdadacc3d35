"""A reader of PromQL, as far as our alerts and dashboard use it: strict, so that what it lets through Prometheus takes too.

expr    := and; and := compare ("and" | "unless" matching? compare)*; compare := sum (op "bool"? sum)*
sum     := product (("+" | "-") product)*; product := unary (("*" | "/") unary)*
unary   := number | "(" expr ")" | aggregate | function | selector
"""

import re
from dataclasses import dataclass, field

TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)(?![\w.])|(?P<duration>\d+(?:ms|[smhdwy])|\$__\w+)|(?P<string>\"[^\"\\]*\")"
    r"|(?P<name>[A-Za-z_:][\w:]*)|(?P<op>=~|!~|!=|==|>=|<=|[-+*/(){}\[\],<>=]))"
)
AGGREGATES = {"sum", "max", "min", "avg", "count"}
FUNCTIONS = {"rate": 1, "increase": 1, "histogram_quantile": 2, "hour": 0}
"""And how many arguments each has."""
RANGED = {"rate", "increase"}
COMPARISONS = {"==", "!=", ">", "<", ">=", "<="}


class Unreadable(ValueError):
    """No PromQL of ours."""


@dataclass(slots=True)
class Selector:
    """A series that is asked for."""

    metric: str
    matchers: dict[str, str] = field(default_factory=dict)
    """label -> what it is matched with."""
    ranged: bool = False


@dataclass(slots=True)
class Query:
    """What an expression asks for."""

    selectors: list[Selector] = field(default_factory=list)
    grouped: set[str] = field(default_factory=set)
    """Labels named in `by (...)`."""


def read(text: str) -> Query:
    """Raises Unreadable."""
    reader = _Reader(_tokens(text))
    reader.expression()
    if reader.rest:
        raise Unreadable(f"{reader.rest[0][1]!r} is left over in {text!r}")
    return reader.query


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while text[at:].strip():
        match = TOKEN.match(text, at)
        if match is None:
            raise Unreadable(text[at:])
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


class _Reader:
    def __init__(self, tokens):
        self.rest = tokens
        self.query = Query()

    def peek(self):
        return self.rest[0][1] if self.rest else None

    def take(self, kind=None, value=None):
        if not self.rest or (kind and self.rest[0][0] != kind) or (value and self.rest[0][1] != value):
            raise Unreadable(f"expected {value or kind}, not {self.peek()!r}")
        return self.rest.pop(0)[1]

    def takes(self, *values):
        return self.take() if self.peek() in values else None

    def expression(self):
        self.comparison()
        while self.takes("and", "unless"):
            if self.takes("on", "ignoring"):
                self.labels()
            self.comparison()

    def comparison(self):
        self.operation("+", "-", below=lambda: self.operation("*", "/", below=self.unary))
        while self.takes(*COMPARISONS):
            self.takes("bool")
            self.operation("+", "-", below=lambda: self.operation("*", "/", below=self.unary))

    def operation(self, *operators, below):
        below()
        while self.takes(*operators):
            below()

    def unary(self):
        if self.rest and self.rest[0][0] == "number":
            self.take()
        elif self.takes("("):
            self.expression()
            self.take("op", ")")
        elif self.peek() in AGGREGATES:
            self.aggregate()
        elif self.peek() in FUNCTIONS and self.rest[1:2] == [("op", "(")]:
            self.function()
        else:
            self.selector()

    def aggregate(self):
        self.take()
        if self.takes("by"):
            self.query.grouped |= set(self.labels())
        self.take("op", "(")
        self.expression()
        self.take("op", ")")

    def labels(self):
        self.take("op", "(")
        names = []
        while self.peek() != ")":
            names.append(self.take("name"))
            if self.peek() != ")":
                self.take("op", ",")
        self.take("op", ")")
        return names

    def function(self):
        name = self.take()
        self.take("op", "(")
        before = len(self.query.selectors)
        for index in range(FUNCTIONS[name]):
            if index:
                self.take("op", ",")
            self.expression()
        self.take("op", ")")
        ranged = [selector.ranged for selector in self.query.selectors[before:]]
        if name in RANGED and ranged != [True]:
            raise Unreadable(f"{name} wants one range")

    def selector(self):
        selector = Selector(self.take("name"))
        if self.takes("{"):
            while self.peek() != "}":
                label = self.take("name")
                if self.takes("=", "!=", "=~", "!~") is None:
                    raise Unreadable(f"{label} is matched with nothing")
                selector.matchers[label] = self.take("string").strip('"')
                if self.peek() != "}":
                    self.take("op", ",")
            self.take("op", "}")
        if self.takes("["):
            self.take("duration")
            self.take("op", "]")
            selector.ranged = True
        self.query.selectors.append(selector)
