"""`python -m bot wording`: all that is said to citizens as one page, so that a person can read it through."""

import argparse
from collections.abc import Iterator, Sequence

from bot.channels.simulator import CAPABILITIES
from bot.conversation.catalogue import CATALOGUE, KeyInfo
from bot.conversation.protocol import Offer, Say
from bot.gsm import segments
from bot.model import Capabilities, Medium, Outbound
from bot.wording import TEMPLATES, Wording


def main(argv: Sequence[str]) -> int:
    """Markdown on standard output; each paragraph stands there at least once."""
    wording = Wording(TEMPLATES)
    parser = argparse.ArgumentParser(prog="python -m bot wording", description="Print all that is said to citizens, with sample values.")
    parser.add_argument("--language", choices=wording.languages, default="id", help="default: id")
    parser.add_argument("--channel", choices=[str(medium) for medium in Medium], default="telegram", help="default: telegram")
    chosen = parser.parse_args(argv)
    for line in _page(wording, chosen.language, CAPABILITIES[Medium(chosen.channel)]):
        print(line)
    return 0


def _page(wording: Wording, language: str, capabilities: Capabilities) -> Iterator[str]:
    yield f"# What is said: {language}, {capabilities.medium}"
    read: set[str] = set()
    for key, info in CATALOGUE.items():
        yield f"\n## {key}"
        for say in _samples(key, info, language):
            said = wording.render(say, capabilities)
            paragraphs = {*said.text.split("\n\n"), " ".join(choice.label for choice in said.choices)}
            if paragraphs <= read:
                continue  # the same echo before another question: read once, it is read
            read |= paragraphs
            yield f"\n{_cost(said, capabilities)}"
            yield "\n".join(f"> {line}".rstrip() for line in said.text.split("\n"))
            if said.choices:
                yield "\n" + " ".join(f"[{choice.label}]" for choice in said.choices)


def _samples(key: str, info: KeyInfo, language: str) -> Iterator[Say]:
    """With the usual parameters, and with each of their variants."""
    offers = tuple(Offer(value) for value in info.offers)
    for variant in ({}, *info.variants):
        yield Say(key, {**info.params, **variant}, offers, language=language)


def _cost(said: Outbound, capabilities: Capabilities) -> str:
    """What the message costs as an SMS, a line of its own; nothing on other media."""
    if capabilities.medium is not Medium.SMS:
        return ""
    cost = segments(said.text)
    return f"{cost.count} SMS, {cost.units} {cost.encoding}:\n"
