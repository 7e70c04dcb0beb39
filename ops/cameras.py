"""`cameras import FILE | list | disable ID | enable ID | remove ID`: the registry by console."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dispatch import cameras
from dispatch.cameras import Registered, Switch
from dispatch.city import City
from dispatch.clock import now_ms
from dispatch.database import Database
from dispatch.errors import Refused
from dispatch.writer import Writer
from ops import media
from ops.media import MediaSettings
from ops.trouble import Trouble

ACTOR = "console"


@dataclass(frozen=True)
class Registry:
    """What the console's words work on; the city is read only when it is needed."""

    database: Database
    city: Callable[[], City]
    settings: MediaSettings
    var: Path

    def run(self, of: str, word: str) -> int:
        """Carry out one of them. The exit code is 1 when a line was refused. Raises Trouble."""
        hands = {"disable": self._switch, "enable": self._switch, "remove": self._remove}
        if of == "list" and not word:
            return self._list()
        if of in hands and word:
            return hands[of](of, word)
        if of != "import" or not word:
            raise Trouble("say it as: cameras import FILE | list | disable|enable|remove ID")
        return self._import(word)

    def _list(self) -> int:
        vault, city = media.vault(self.var), self.city()
        for one in self.database.read(lambda c: cameras.listed(c, city, vault)):
            word = "disabled" if one["disabled"] else "in use"
            print(f"{one['id']:<16} {one['district']:<6} {word:<9} {one['name_zh']}")
        return 0

    def _switch(self, of: str, word: str) -> int:
        asked, city = Switch(word, of == "disable", "by console"), self.city()
        self._written(lambda w: cameras.switch(w, city, asked, ACTOR, uuid.uuid4().hex, now_ms()))
        print(f"{word}: {of}d")
        return 0

    def _remove(self, _of: str, word: str) -> int:
        self._written(lambda w: cameras.remove(w, word, ACTOR, uuid.uuid4().hex, now_ms()))
        print(f"{word}: removed")
        return 0

    def _written(self, what: Callable[[Writer], object]) -> None:
        """Do it with a writer of its own. Raises Trouble with the reason when it is refused."""
        writer = Writer(self.database, lambda _events: None)
        try:
            what(writer)
        except Refused as refused:
            raise Trouble(refused.detail) from None
        finally:
            writer.close()

    def _import(self, word: str) -> int:
        try:
            text = Path(word).read_text(encoding="utf-8-sig")
            found, faults = cameras.read(text, self.city())
        except (OSError, UnicodeDecodeError) as error:
            raise Trouble(f"{word} cannot be read: {error}") from None
        except Refused as refused:
            raise Trouble(f"{word}: {refused.detail}") from None
        found, faults = cameras.checked_by(found, faults, self._check())
        self._store(found)
        print(f"{len(found)} cameras taken, {len(faults)} refused")
        for one in faults:
            print(f"  {one.id or f'row {one.row}'}, {one.field}: {one.reason}")
        return 1 if faults else 0

    def _store(self, found: list[Registered]) -> None:
        if found:
            vault, key = media.vault(self.var), uuid.uuid4().hex
            self._written(lambda w: cameras.store(w, vault, found, ACTOR, key, now_ms()))

    def _check(self) -> cameras.Check:
        """Whether a camera's pictures can be had from this machine, asked of the camera itself."""
        from streams.feeds import absolute, kind_of, with_credentials
        from video.probe import Probe
        from video.source import Source

        probe = Probe(media.allowed(self.settings), None, self.settings.transcodes > 0)

        def check(one: Registered) -> str:
            url = absolute(one.camera.url, self.settings.camera_base)
            if not url:
                return "a relative address needs YIPING_CAMERA_BASE"
            kind = kind_of(url)
            if kind == "whep":
                return probe.reach(url)
            found = probe.look(Source("probe", with_credentials(url, one), kind))
            return "" if found["playable"] else str(found["reason"])

        return check
