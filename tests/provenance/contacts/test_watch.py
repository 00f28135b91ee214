"""The contacts of a cell, folded."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from ithtel.provenance.contacts.watch import MAX_CONTACTS, ContactWatch
from ithtel.recording.secrets.patterns import says_secret


class Connection:
    """Stands for `http.client.HTTPConnection`."""

    host, port, default_port = "a.org", 443, 443


LOOKUP = ("socket.getaddrinfo", ("a.org", 443, 0, 0, 0))
CONNECT = ("socket.connect", (None, ("93.184.216.34", 443)))
REQUEST = ("http.client.send", (Connection(), b"GET /x HTTP/1.1\r\n"))


@pytest.fixture
def watch() -> ContactWatch:
    """A watch for which this module is the user's."""
    return ContactWatch(globals(), says_secret)


def targets(watch: ContactWatch, *events: tuple[str, tuple[Any, ...]]) -> dict[str, int]:
    """Let a watch hear events, and return the targets with their counts."""
    for event, arguments in events:
        watch.hear(event, arguments, sys._getframe())
    return {found.contact.target: found.n_times for found in watch.found()}


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([LOOKUP, CONNECT, REQUEST], {"https://a.org/x": 1}),
        ([LOOKUP, CONNECT, REQUEST, REQUEST], {"https://a.org/x": 2}),
        ([LOOKUP, CONNECT], {"a.org:443": 1}),
        ([CONNECT], {"93.184.216.34:443": 1}),
        ([LOOKUP], {"a.org:443": 1}),
        ([("socket.getaddrinfo", ("localhost", 0, 0, 0, 0))], {}),
        ([("os.posix_spawn", ("/bin/ls", ["ls"], {}))], {"ls": 1}),
    ],
)
def test_one_connection_is_told_once(
    watch: ContactWatch, events: list[tuple[str, tuple[Any, ...]]], expected: dict[str, int]
) -> None:
    """By the step that tells most: the request, else the name, else the address. A server's own name is not one."""
    assert expected == targets(watch, *events)


def test_many_targets_are_counted_only(watch: ContactWatch) -> None:
    """A cell that asks a thousand hosts has some tens of lines."""
    many = [("socket.gethostbyname", (f"h{n}.org",)) for n in range(MAX_CONTACTS + 5)]
    assert MAX_CONTACTS == len(targets(watch, *many))
    assert 5 == watch.n_more


def test_a_connection_to_sqlite_is_known_by_its_file(watch: ContactWatch) -> None:
    """Also if the same cell opens one in memory."""
    file, memory = object(), object()
    targets(
        watch,
        ("sqlite3.connect", ("p.db",)), ("sqlite3.connect/handle", (file,)),
        ("sqlite3.connect", (":memory:",)), ("sqlite3.connect/handle", (memory,)),
    )  # fmt: skip
    opened = watch.opened[id(file)]
    assert opened is not None
    assert "p.db" == opened.target
    assert watch.opened[id(memory)] is None


def test_what_is_typed_in_a_terminal_is_an_answer() -> None:
    """CPython reports the prompt, then the text; a password is not kept."""
    watch = ContactWatch({}, lambda _name: False)
    watch.hear("builtins.input", ("name? ",), sys._getframe())
    watch.hear("builtins.input/result", ("Ada",), sys._getframe())
    watch.answered("Password: ", "secret", is_password=True)
    assert [("name? ", "Ada"), ("Password: ", None)] == watch.answers
