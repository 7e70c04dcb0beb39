"""What an administrator does so that nothing is lost for good: back up, restore."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dispatch.city import City
from dispatch.database import Database
from ops import files
from ops.trouble import Trouble

VENDOR = Path(__file__).resolve().parents[1] / "assets/vendor"
USES = ("backup FILE", "restore FILE [overwrite]", "reconcile", "print FILE [en]")


@dataclass(frozen=True)
class Keeping:
    """What these commands work on. var: the installation's folder.

    kept: what a backup holds beside the store; said: the settings of now.
    """

    database: Database
    city: Callable[[], City]
    var: Path
    kept: Sequence[files.Place] = ()
    said: Mapping[str, str] = field(default_factory=dict)

    def run(self, command: str, of: str, word: str) -> int:
        """Carry out one command. Gives the exit code; raises Trouble."""
        match command, of, word:
            case "backup", file, "" if file:
                self._backup(Path(file))
            case "restore", file, _ if file:
                self._restore(Path(file), word)
            case "print", file, "" | "zh" | "en" if file:
                self._print(Path(file), word or "zh")
            case "reconcile", "", "":
                from ops.reconcile import reconcile

                return 0 if reconcile(self.database, self.city().settings.timezone) else 1
            case _:
                raise Trouble(f"say it as one of: {', '.join(USES)}")
        return 0

    def _backup(self, file: Path) -> None:
        from ops.backup import backup, evidence, manifest_of

        made = backup(self.database, file, self.kept, self.said)
        print(f"{file} holds {made.head} events, the last {made.last_hash[:16]}…; its log is whole")
        size = sum(int(one[1]) for one in made.files.values()) / 1e6
        print(f"{len(made.files)} files belong to it ({size:.1f} MB), in {file.parent / 'files'}")
        print(f"keep {manifest_of(file).name} and `files` with it: a restore asks for all three")
        for id in files.without_file(made.files, self.database.read(evidence)):
            print(f"the log holds {id}, and its file is not on this machine")

    def _restore(self, file: Path, word: str) -> None:
        from ops.restore import restore

        told = restore(self.database, file, word, self.var, self.kept)
        print(
            f"the store is as the backup was: {told.head} events, the last {told.last_hash[:16]}…"
        )
        if told.files:
            print(
                f"{len(told.files)} files are in their places; its settings are in"
                f" {self.var / 'restored-settings.json'}: compare them with yours"
            )
        print("start the product now; every screen begins anew")

    def _print(self, file: Path, lang: str) -> None:
        """From the store alone: web processes and Redis may be dead."""
        from dispatch.clock import now_ms
        from layouts import order_sheet
        from layouts.texts import both
        from streams.look import Board

        board = Board(self.city(), both)
        found = self.database.read(lambda c: order_sheet.read(c, board, now_ms()))
        file.write_bytes(order_sheet.make(*found, lang, VENDOR))
        print(f"{file} holds the orders up to number {found[1].head} of the log")
