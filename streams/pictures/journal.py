"""Whether the store's journal grows because some program never ends its reading."""

from typing import Any

from dispatch import journal as files
from streams.look import Look
from streams.pictures.picture import Picture
from streams.view import View

LOOK_S = 2.0


def journal(look: Look, _view: View) -> dict[str, Any]:
    """{held}: its bytes if they are too many now, or None."""
    size = files.size(look.connection) if look.live else 0
    return {"held": size if size > files.MOST else None}


PICTURES = (Picture("journal", journal, every_s=LOOK_S),)
