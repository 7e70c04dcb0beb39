"""What things of the city are called, in both languages, by their ids."""

from collections.abc import Callable, Iterable
from typing import Any

from dispatch.city import City
from dispatch.vocabulary import CITY

Name = dict[str, str]
Words = Callable[[str], Name]
"""Gives the text of a key in every language: {"zh": ..., "en": ...}."""


class Names:
    """Names by id; what nobody named is shown by its id.

    words: the product's own texts, for what the city does not name.
    """

    def __init__(self, city: City, words: Words) -> None:
        self._words = words
        self._units = _by_id(city.units)
        self._people = _by_id(city.people)
        self._sources = _by_id(city.sources)
        self._districts = {one.code: _name(one) for one in city.districts}
        self._districts[CITY] = _name(city.settings)

    def unit(self, id: str) -> Name:
        return self._units.get(id) or plain(id)

    def source(self, id: str) -> Name:
        return self._sources.get(id) or self.actor(id)

    def districts(self, codes: Iterable[str]) -> list[Name]:
        return [self._districts.get(code) or plain(code) for code in codes]

    def actor(self, id: str) -> Name:
        """A person, a unit, a source, or one of the product's own hands (`actor.timer`)."""
        own = id.removeprefix("key:")
        for names in (self._people, self._units, self._sources):
            if own in names:
                return names[own]
        try:
            return self._words(f"actor.{own.split(':')[0]}")
        except KeyError:
            return plain(id)

    def text(self, key: str) -> Name:
        return self._words(key)


def plain(id: str) -> Name:
    """The id itself, for want of a name."""
    return {"zh": id, "en": id}


def _by_id(rows: Iterable[Any]) -> dict[str, Name]:
    return {row.id: _name(row) for row in rows}


def _name(row: Any) -> Name:
    return {"zh": row.name_zh, "en": row.name_en}
