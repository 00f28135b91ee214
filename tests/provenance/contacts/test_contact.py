"""What an audit event says about a host, a program, a database or a question; without credentials."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from ithtel.provenance.contacts.contact import Contact, asked, contact_of, program
from ithtel.recording.secrets.patterns import says_secret


def told(event: str, *arguments: Any) -> tuple[str, str] | None:
    """Return kind and target of an audit event."""
    contact = contact_of(event, arguments, sys._getframe(), says_secret)
    return None if contact is None else contact[:2]


class Connection:
    """Stands for `http.client.HTTPConnection`."""

    host, port, default_port = "api.example.org", 443, 443


@pytest.mark.parametrize(
    ("event", "arguments", "expected"),
    [
        ("socket.getaddrinfo", ("example.org", 443, 0, 0, 0), ("host", "example.org:443")),
        ("socket.getaddrinfo", (b"example.org", "443", 0, 0, 0), ("host", "example.org:443")),
        ("socket.gethostbyname", ("example.org",), ("host", "example.org")),
        ("socket.getaddrinfo", (None, 8080, 0, 0, 0), None),
        ("socket.getaddrinfo", ("db.example.org", 5432, 0, 0, 0), ("database", "db.example.org:5432")),
        ("socket.connect", (None, ("10.0.0.1", 80)), ("host", "10.0.0.1:80")),
        ("socket.connect", (None, ("::1", 80, 0, 0)), ("host", "[::1]:80")),
        ("socket.connect", (None, "/run/docker.sock"), ("host", "unix:/run/docker.sock")),
        ("socket.connect", (None, object()), None),
        ("http.client.send", (Connection(), b"GET /v1?key=abc HTTP/1.1\r\n"), ("host", "https://api.example.org/v1")),
        ("http.client.send", (Connection(), b"GET http://u:p@a.org/x HTTP/1.1\r\n"), ("host", "http://a.org/x")),
        ("http.client.send", (Connection(), b"CONNECT a.org:443 HTTP/1.1\r\n"), None),
        ("http.client.send", (Connection(), b"body"), None),
        ("sqlite3.connect", ("prices.db",), ("database", "prices.db")),
        ("sqlite3.connect", ("file:prices.db?mode=ro",), ("database", "prices.db")),
        ("sqlite3.connect", (":memory:",), None),
        ("sqlite3.connect", ("file:x?mode=memory&cache=shared",), None),
        ("subprocess.Popen", ("/bin/git", ["/bin/git", "log", "a b"], None, None), ("program", "git log 'a b'")),
        ("subprocess.Popen", ("/bin/sh", ["/bin/sh", "-c", "ls | wc"], None, None), ("program", "ls | wc")),
        ("os.system", (b"make all",), ("program", "make all")),
        ("os.spawn", (0, "/bin/ls", ["ls", "-l"], None), ("program", "ls -l")),
        ("os.forkpty", (), None),
        ("builtins.input", ("how\nmany? ",), ("input", "how many?")),
    ],
)
def test_what_an_event_says(event: str, arguments: tuple[Any, ...], expected: tuple[str, str] | None) -> None:
    """Each event names its target; a server that listens and a database in memory are not outside."""
    assert expected == told(event, *arguments)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["curl", "-u", "me:hunter2", "https://me:pw@a.org/x?key=1"], "curl -u me:… https://a.org/x"),
        (["curl", "--user=me:hunter2"], "curl --user=me:…"),
        (["tool", "--api-key", "abc", "file"], "tool --api-key … file"),
        (["tool", "--password=abc"], "tool --password=…"),
        ("mysql -pabc shop", "mysql -p… shop"),
        ("sshpass -p abc ssh host", "sshpass -p … ssh host"),
        (["tool", "--token", "--verbose"], "tool --token --verbose"),
    ],
)
def test_a_command_line_without_its_secrets(words: str | list[str], expected: str) -> None:
    """Values of options with a telling name, passwords after a user, and queries of URLs are not recorded."""
    found = program(words, says_secret)
    assert found is not None
    assert expected == found.target


def test_a_program_without_words_is_none() -> None:
    """Odd arguments are the user's business."""
    assert [None] * 3 == [program(words, says_secret) for words in ([], "", object())]


def test_a_prompt_may_be_anything() -> None:
    """`input(5)` shows 5; the record holds only text."""
    assert Contact("input", "") == asked(object())


@pytest.mark.parametrize(("host", "is_local"), [("localhost", True), ("10.0.0.1", True), ("example.org", False)])
def test_local_names_ask_nobody(host: str, is_local: bool) -> None:
    """The address of this machine is known without a server of names."""
    assert is_local == Contact("host", host, host).is_local_name
