"""Reads settings from environment variables, and says in one sentence what is wrong."""

import difflib
from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from ops.trouble import Trouble

Model = TypeVar("Model", bound=BaseModel)
OURS = "YIPING_"
SECRET = ("_URL", "_SECRET")  # such a setting may hold a password and is never shown


def read(model: type[Model], environment: Mapping[str, str]) -> Model:
    """The settings; each field's alias is its variable, an empty one counts as not set.

    Raises Trouble.
    """
    known = {str(field.alias) for field in model.model_fields.values()}
    given = {k: v for k, v in environment.items() if v and (k in known or k.startswith(OURS))}
    for name in given.keys() - known:
        near = difflib.get_close_matches(name, known, 1)
        raise Trouble(f"{name} is no setting" + (f"; is {near[0]} meant?" if near else ""))
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise Trouble(_sentence(error)) from None


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    text = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return text
    name = str(first["loc"][0])
    shown = "" if name.endswith(SECRET) else f" (it is {first['input']})"
    return f"{name}: {text[0].lower()}{text[1:]}{shown}"
