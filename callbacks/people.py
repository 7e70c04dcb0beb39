"""The people and systems behind cookies and API keys, as the store knows them."""

from collections.abc import Callable

from callbacks.services import Services
from callbacks.who import Memory, Who
from dispatch import keys, sessions
from dispatch.clock import Undisturbed, now_ms
from dispatch.sessions import SignedIn


class People:
    """Finds who holds a token or key, lets people in and out.

    left: told the id of each session that ends here.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._now = Undisturbed() if services.now is now_ms else services.now
        self.session = Memory(self.fresh)
        self.key = Memory(self._by_key)
        self.left: list[Callable[[str], None]] = []

    def fresh(self, token: str) -> Who | None:
        """Who holds this session now, asked of the store; its idle time begins anew."""
        if not token:
            return None
        found = sessions.who(self._services.database, token, self._now())
        return of_session(found) if found else None

    def by_link(self, link: str, device: str) -> tuple[str, Who]:
        """A new session's token. Raises Forbidden."""
        own = self._services
        token, found = sessions.open_by_link(own.writer, own.database, link, device, own.now())
        return token, of_session(found)

    def by_password(self, user: str, password: str, address: str, device: str) -> tuple[str, Who]:
        """A new session's token. Raises Forbidden, TooMany."""
        own = self._services
        token, found = sessions.open_by_password(
            own.writer, own.database, user, password, address, device, own.now()
        )
        return token, of_session(found)

    def leave(self, token: str) -> None:
        """End the session of this token, if there is one."""
        self.session.forget(token)
        ended = sessions.close(self._services.writer, token, self._services.now())
        if ended is not None:
            for tell in self.left:
                tell(ended)

    def _by_key(self, key: str) -> Who | None:
        actor = self._services.database.read(lambda connection: keys.who(connection, key))
        return Who(actor) if actor else None


def of_session(found: SignedIn) -> Who:
    known = found.account
    return Who(
        found.actor,
        found.session,
        {"zh": known.name_zh, "en": known.name_en},
        {"zh": known.seat_zh, "en": known.seat_en},
    )
