"""What the console of `python -m app` takes: processes, and what an administrator does."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops import ending, environment, keep, logs, store
from ops.trouble import Trouble

if TYPE_CHECKING:
    from app import Settings

COMMANDS = {
    "run": "bring every process up under one supervisor",
    "run-lan": "the same for phones of the local network, by HTTPS",
    "run-cluster": "two web processes behind nginx, on PostgreSQL",
    "worker": "run the worker process alone",
    "media": "run the media process alone",
    "prepare": "bring the store up to date; print new sign-in links and keys as JSON",
    "migrate": "bring the store's tables up to date",
    "key": "key SOURCE: print a new API key for a source of the city",
    "passwd": "passwd ACCOUNT: ask for a new password for an account",
    "audit": "audit verify: prove that the log holds what it held",
    "cameras": "cameras import FILE (with reasons for the refused), list, disable|enable|remove ID",
    "backup": "backup FILE: copy the store, while everybody works, and prove the copy",
    "reconcile": "hold doors, log, screens and signatures against each other",
    "print": "print FILE [en]: the order sheet as a PDF, from the store alone",
    "restore": "restore FILE [overwrite]: put a backup in the place of the store",
}
KEEPING = ("backup", "restore", "reconcile", "print")
RUNS = ("run", "run-lan", "run-cluster")
WRITES = ("worker", "media")  # processes that keep files in this installation's folder
Process = Callable[["Settings"], None]


@dataclass(frozen=True)
class Console:
    """What the composition root gives: its settings, its processes."""

    settings: "type[Settings]"
    processes: Mapping[str, Process]

    def main(self) -> int:
        """Carry out the command line. The exit code is 2 when a setting or an argument is wrong."""
        asked = _parser().parse_args()
        try:
            return self._carry_out(asked.command, asked.of, asked.word)
        except Trouble as reason:
            print(f"yiping: {reason}", file=sys.stderr)
            return 2

    def _carry_out(self, command: str, of: str, word: str) -> int:
        own = self._settings(command)
        logs.start(own.log, command)
        _make_sure(own, command)
        if command in RUNS:
            return _run(own, command)
        if process := self.processes.get(command):
            process(own)
            return 0
        if command in KEEPING:
            from ops import files, keeping

            var = own.var.resolve()
            kept, said = files.places(var, own.city, own.logins), files.settings(os.environ)
            made = keeping.Keeping(store.database(own), lambda: store.city(own), var, kept, said)
            return made.run(command, of, word)
        if command == "cameras":
            from ops import cameras

            return cameras.Registry(
                store.database(own), lambda: store.city(own), own, own.var.resolve()
            ).run(of, word)
        return self._administer(own, command, of)

    def _settings(self, command: str) -> "Settings":
        return environment.read(self.settings, _offered(command))

    def _administer(self, own: "Settings", command: str, of: str) -> int:
        from ops import admin

        simulated = own.simulated_responders
        desk = admin.Desk(store.database(own), lambda: store.city(own), simulated)
        return desk.run(command, of)


def _offered(command: str) -> Mapping[str, str]:
    """The environment, with what this way of running adds where it says nothing itself."""
    if command == "run-lan":
        from ops import lan

        return lan.offer(os.environ)
    if command == "run-cluster":
        from ops import cluster

        return cluster.offer(os.environ)
    return os.environ


def _make_sure(own: "Settings", command: str) -> None:
    """That what it is to work on is there. Raises Trouble."""
    if command in (*RUNS, *WRITES):
        keep.folder(own.var)
    made_later = command == "run-cluster" and not os.environ.get("DATABASE_URL")
    if command not in ("media", "restore") and not made_later:
        store.reach(own)


def _run(own: "Settings", command: str) -> int:
    from ops import cluster, supervisor
    from ops.plan import Plan

    plan = Plan(
        var=own.var.resolve(),
        host=own.host,
        port=own.port,
        database_url=own.store,
        tls=own.tls,
        city=own.city,
        redis_url=own.redis_url,
        player=own.player != "off",
        scenario=own.scenario,
        responders=own.simulated_responders,
        lan=command == "run-lan",
    )
    make = cluster.Cluster if command == "run-cluster" else None
    return supervisor.run(ending.told(), plan, make)


def _parser() -> argparse.ArgumentParser:
    told = "\n".join(f"  {name:<10} {text}" for name, text in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="python -m app",
        description=f"commands:\n{told}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND")
    parser.add_argument("of", nargs="?", default="", help="a source, an account, a file, `verify`")
    parser.add_argument("word", nargs="?", default="", help="`overwrite`")
    return parser
