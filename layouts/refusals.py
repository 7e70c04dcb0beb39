"""What a refusal says to a person: the words of its code, as assets/14-send.js says them."""

import re

from layouts.texts import Texts, words

KINDS = (
    (re.compile(r"too_short$"), "too_short"),
    (re.compile(r"too_long$"), "too_long"),
    (re.compile(r"^(greater|less)_than|^finite_number$|parsing_size$"), "out_of_range"),
)
"""A schema has a hundred codes for an input that is wrong: people are told which of a few it is."""


def said(code: str, t: Texts) -> str:
    """The words of a code; those of its kind, or that an input is wrong, if it has none."""
    kind = next((name for codes, name in KINDS if codes.search(code)), "invalid")
    known = f"refused.{code}" in words(t.lang)
    return t(f"refused.{code if known else kind}")
