"""A media process that is silent is shown at once, and told in the log when it is no start."""

import logging

import pytest

from streams import feeds
from streams.feeds import Feeds, MediaLink
from tests.stack import free_port


def test_silence_is_told_once_and_not_while_it_starts(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    known = Feeds({})
    link = MediaLink(known, list, f"http://127.0.0.1:{free_port()}", "key")
    with caplog.at_level(logging.WARNING):
        link.poll()
        link.poll()
        assert not known.up
        assert caplog.messages == []
        monkeypatch.setattr(feeds, "PATIENCE_S", 0.0)
        link.poll()
        link.poll()
    assert caplog.messages == ["the media process does not answer: ConnectError"]
