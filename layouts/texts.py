"""Every word that people read, zh-CN and English side by side, from texts.toml."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

LANGUAGES = ("zh", "en")
FILE = Path(__file__).with_name("texts.toml")


class Texts:
    """The words of one language: `t("queue.title", count=3)`."""

    def __init__(self, lang: str) -> None:
        self.lang = lang if lang in LANGUAGES else LANGUAGES[0]
        self._words = words(self.lang)

    def __call__(self, key: str, **values: Any) -> str:
        """The text of `key` with `{name}` filled in. A key without a text raises KeyError.

        `{n:#order|orders}` stands for the word that belongs to the number, without the number.
        """
        text = self._words[key]
        return FILL.vformat(text, (), values) if values else text

    def name(self, names: Mapping[str, str] | None) -> str:
        """The one of {"zh": ..., "en": ...} that this language shows; Chinese if it has none."""
        if not names:
            return ""
        return names.get(self.lang) or names.get("zh", "")


class Fill(Formatter):
    """Fills in values, and chooses between the words for one and for many."""

    def format_field(self, value: Any, spec: str) -> str:
        if not spec.startswith("#"):
            return str(super().format_field(value, spec))
        one, many = spec[1:].split("|")
        return one if str(value) == "1" else many


FILL = Fill()


def both(key: str) -> dict[str, str]:
    """The text of `key` in every language."""
    return {lang: words(lang)[key] for lang in LANGUAGES}


@cache
def words(lang: str) -> dict[str, str]:
    """All texts of one language, key -> text."""
    tables = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return dict(_flat(tables, lang))


def _flat(table: Mapping[str, Any], lang: str, prefix: str = "") -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for key, value in table.items():
        if set(value) == set(LANGUAGES) and all(isinstance(text, str) for text in value.values()):
            pairs.append((prefix + key, value[lang]))
        else:
            pairs += _flat(value, lang, f"{prefix}{key}.")
    return pairs
