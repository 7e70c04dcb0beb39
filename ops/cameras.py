"""`cameras import FILE`: takes cameras from a CSV file, and says of each other line why not."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dispatch import cameras
from dispatch.cameras import Registered
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
class Importer:
    """What an import works on; the city is read only when there is something to take."""

    database: Database
    city: Callable[[], City]
    settings: MediaSettings
    var: Path

    def run(self, of: str, word: str) -> int:
        """Carry out `import FILE`. The exit code is 1 when a line was refused. Raises Trouble."""
        if of != "import" or not word:
            raise Trouble("say it as: cameras import FILE")
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
        writer = Writer(self.database, lambda _events: None)
        try:
            if found:
                vault, key = media.vault(self.var), uuid.uuid4().hex
                cameras.store(writer, vault, found, ACTOR, key, now_ms())
        finally:
            writer.close()

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
