"""The words of the pages: one structure of HTML, two languages.

`templates/desk/words/<page>.toml` has both side by side:

    title.id = "Yang diparkir"
    title.en = "Parked"

A template says t("parked.title"). Both languages must be there, or the start stops.
"""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

LANGUAGES = ("id", "en")
Translate = Callable[..., str]
"""(key, **values for its {placeholders}) -> words. KeyError for an unknown key or a missing value."""


class Words:
    """All words of the desk."""

    def __init__(self, directory: Path) -> None:
        """Read them. Raises ValueError when a key lacks a language, or has more than the languages."""
        self._texts: dict[str, Mapping[str, str]] = {}
        for path in sorted(directory.glob("*.toml")):
            for key, texts in tomllib.loads(path.read_text(encoding="utf-8")).items():
                if set(texts) != set(LANGUAGES):
                    raise ValueError(f"{path.name}: {key} must have {' and '.join(LANGUAGES)}")
                self._texts[f"{path.stem}.{key}"] = texts

    @property
    def keys(self) -> frozenset[str]:
        """Every key there is."""
        return frozenset(self._texts)

    def text(self, key: str, language: str) -> str:
        """Its words, placeholders and all."""
        return self._texts[key][language]

    def into(self, language: str) -> Translate:
        """The `t` of templates."""

        def translate(key: str, /, **values: object) -> str:
            text = self._texts[key][language]
            return text.format(**values) if values else text

        return translate
