"""Whose work this is: the id of the request that is being served, for the lines that it logs."""

from contextvars import ContextVar

request: ContextVar[str] = ContextVar("request", default="")
