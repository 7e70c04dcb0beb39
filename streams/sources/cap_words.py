"""CAP's words in ours: categories, types and levels; a colour of our own warnings goes first."""

from collections.abc import Iterable

from dispatch.errors import Invalid
from dispatch.vocabulary import Category, Level

CATEGORIES: dict[str, tuple[Category, str]] = {
    "CBRNE": (Category.ACCIDENT, "hazmat_leak"),
    "Fire": (Category.ACCIDENT, "fire"),
    "Met": (Category.NATURAL, "weather"),
    "Geo": (Category.NATURAL, "geology"),
    "Health": (Category.HEALTH, "health"),
    "Security": (Category.SECURITY, "security"),
    "Safety": (Category.ACCIDENT, "safety"),
    "Rescue": (Category.ACCIDENT, "rescue"),
    "Transport": (Category.ACCIDENT, "traffic"),
    "Infra": (Category.ACCIDENT, "infrastructure"),
    "Env": (Category.ACCIDENT, "environment"),
    "Other": (Category.CITY, "other"),
}
SEVERITIES = {
    "Extreme": Level.I,
    "Severe": Level.II,
    "Moderate": Level.III,
    "Minor": Level.IV,
    "Unknown": Level.III,  # nobody knows: it is looked at, but calls no leader out of bed
}
URGENCIES = ("Immediate", "Expected", "Future", "Past", "Unknown")
CERTAINTIES = ("Observed", "Likely", "Possible", "Unlikely", "Unknown")
COLOURS = {"红": Level.I, "橙": Level.II, "黄": Level.III, "蓝": Level.IV,
           "red": Level.I, "orange": Level.II, "yellow": Level.III, "blue": Level.IV}  # fmt: skip
SIGNS = ("colo", "颜色", "级别", "等级", "信号", "level", "warning", "预警")


def category_of(said: list[str]) -> Category:
    """The class of emergency of the first category. Raises Invalid."""
    return _known(said)[0]


def type_of(said: list[str]) -> str:
    return _known(said)[1]


def level_of(
    urgency: str, severity: str, certainty: str, coded: list[tuple[str, str]], headline: str
) -> Level:
    """The level of the warning.

    A colour in a parameter or in the headline is the issuer's own word and counts; else it is
    CAP's severity, one step less grave if it is over or unlikely.
    """
    if urgency not in URGENCIES:
        raise Invalid("bad_value", "alert.info.urgency", f"should be one of {_list(URGENCIES)}")
    if severity not in SEVERITIES:
        raise Invalid("bad_value", "alert.info.severity", f"should be one of {_list(SEVERITIES)}")
    if certainty not in CERTAINTIES:
        raise Invalid("bad_value", "alert.info.certainty", f"should be one of {_list(CERTAINTIES)}")
    if (coloured := _colour(coded, headline)) is not None:
        return coloured
    milder = urgency == "Past" or certainty == "Unlikely"
    return Level(min(Level.IV, SEVERITIES[severity] + milder))


def _known(said: list[str]) -> tuple[Category, str]:
    if said[0] not in CATEGORIES:
        raise Invalid("bad_value", "alert.info.category", f"should be one of {_list(CATEGORIES)}")
    return CATEGORIES[said[0]]


def _colour(coded: list[tuple[str, str]], headline: str) -> Level | None:
    for name, value in coded:
        if any(sign in name.lower() for sign in SIGNS) and (found := _begins(value)) is not None:
            return found
    for word, level in COLOURS.items():
        if f"{word}色" in headline:
            return level
    return None


def _begins(value: str) -> Level | None:
    """The colour that a code begins with: 红, 红色, 红色预警, Red."""
    text = value.strip().lower()
    return next((level for word, level in COLOURS.items() if text.startswith(word)), None)


def _list(words: Iterable[str]) -> str:
    return ", ".join(words)
