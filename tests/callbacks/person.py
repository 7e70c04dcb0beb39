"""Browsers and outside systems, as tests use them."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from callbacks.services import Services
from dispatch import keys, sessions

OURS = {"Sec-Fetch-Site": "same-origin"}


class Browser:
    """A browser of one person: its requests come from our own page."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self.client = client
        self.token = token

    def get(self, address: str, **facts: Any) -> TestResponse:
        return self.client.get(address, **facts)

    def post(
        self, address: str, headers: dict[str, str] | None = None, **facts: Any
    ) -> TestResponse:
        return self.client.post(address, headers={**OURS, **(headers or {})}, **facts)

    def does(self, name: str, key: str = "k-1", **body: Any) -> TestResponse:
        return self.post(f"/api/v1/commands/{name}", headers={"Idempotency-Key": key}, json=body)


class System:
    """An outside system with its API key."""

    def __init__(self, client: FlaskClient, key: str) -> None:
        self.client = client
        self.key = {"Authorization": f"Bearer {key}"}

    def get(self, address: str) -> TestResponse:
        return self.client.get(address, headers=self.key)

    def post(
        self, address: str, headers: dict[str, str] | None = None, **facts: Any
    ) -> TestResponse:
        return self.client.post(address, headers={**self.key, **(headers or {})}, **facts)


class Person:
    def __init__(self, server: Flask, services: Services) -> None:
        self.server = server
        self.services = services

    def link(self, id: str) -> str:
        """A sign-in link's token for this account."""
        links = sessions.renew_links(self.services.database, [id], self.services.now())
        return links[id]

    def __call__(self, id: str) -> Browser:
        own = self.services
        token, _ = sessions.open_by_link(own.writer, own.database, self.link(id), "t", own.now())
        client = self.server.test_client()
        client.set_cookie("sid", token)
        return Browser(client, token)

    def nobody(self) -> Browser:
        return Browser(self.server.test_client(), "")

    def system(
        self, id: str, *rights: str, source: str | None = None, account: str | None = None
    ) -> System:
        own = self.services
        key = keys.issue(own.database, id, rights, own.now(), source, account)
        return System(self.server.test_client(use_cookies=False), key)
