"""What an administrator does so that nothing is lost for good: back up, restore."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dispatch.city import City
from dispatch.database import Database
from ops.trouble import Trouble

VENDOR = Path(__file__).resolve().parents[1] / "assets/vendor"
USES = ("backup FILE", "restore FILE [overwrite]", "reconcile", "print FILE [en]")


@dataclass(frozen=True)
class Keeping:
    """What these commands work on. var: the installation's folder."""

    database: Database
    city: Callable[[], City]
    var: Path

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
        from ops.backup import backup, manifest_of

        made = backup(self.database, file)
        print(f"{file} holds {made.head} events, the last {made.last_hash[:16]}…; its log is whole")
        print(f"keep {manifest_of(file).name} with it: a restore asks for both")

    def _restore(self, file: Path, word: str) -> None:
        from ops.restore import restore

        told = restore(self.database, file, word, self.var)
        print(
            f"the store is as the backup was: {told.head} events, the last {told.last_hash[:16]}…"
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
