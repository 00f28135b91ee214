"""`Contact`, `contact_of`: what an audit event of CPython says about a host, a program, a database or a question.

The names of the events are those of the audit events table of Python's documentation. A target holds no credentials:
the query of a URL is left out, and so is what follows an option such as `--password`.
"""

from __future__ import annotations

import os
import re
import shlex
import socket
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import urlsplit

from ithtel.plain_text import short

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import FrameType

Kind = Literal["host", "program", "database", "input"]
MAX_TARGET = 4_000
"""Characters of a target that are kept; what is shown is cut later, after secrets have been replaced."""
_HIDDEN = "…"
_REQUEST = re.compile(rb"([A-Z]+) (\S+) HTTP/")
_DASH_P = frozenset({"sshpass", "mysql", "mysqldump", "mysqladmin", "mariadb"})
"""Programs whose option `-p` takes a password."""
_HTTPS, _HTTP = 443, 80
DATABASE_PORTS = frozenset({1433, 1521, 3306, 5432, 5433, 6379, 7687, 8123, 9042, 27017})
"""SQL Server, Oracle, MySQL, PostgreSQL, Redis, Neo4j, ClickHouse, Cassandra, MongoDB."""


SQLITE, SQLITE_OPENED = "sqlite3.connect", "sqlite3.connect/handle"


class Contact(NamedTuple):
    """One thing outside that was asked. `host` and `port` are given if it is reached through the network."""

    kind: Kind
    target: str
    host: str = ""
    port: int | None = None
    step: Literal["lookup", "connect", "request", ""] = ""
    """How far it got: a name was looked up, a connection opened, or a request was sent."""

    @property
    def is_local_name(self) -> bool:
        """Whether the lookup of this host asks nobody outside: an address, or this machine."""
        return self.host in ("", "localhost", socket.gethostname()) or _is_address(self.host)


def contact_of(  # noqa: PLR0911 - a table, one line per event
    event: str, arguments: tuple[Any, ...], frame: FrameType | None, is_secret: Callable[[str], bool]
) -> Contact | None:
    """Return what an audit event reports, None if it asks nothing outside.

    Args:
        event: The name of the event, one of `HEARD`.
        arguments: The arguments of the event.
        frame: The frame that raised it; programs that are started by a fork are found in the frames of pexpect.
        is_secret: Returns whether the name of an option suggests that its value is a secret.

    >>> contact_of("subprocess.Popen", ("git", ["git", "push", "--token", "abc"], None, None), None, "token".__eq__)[:2]
    ('program', 'git push --token …')
    >>> contact_of("socket.getaddrinfo", ("example.org", 443, 0, 0, 0), None, "token".__eq__)[:2]
    ('host', 'example.org:443')
    """
    match event:
        case "socket.getaddrinfo" | "socket.gethostbyname":
            return _lookup(*arguments[:2])
        case "socket.connect" | "socket.sendto":
            return _connection(arguments[1])
        case "http.client.send":
            return _request(*arguments[:2])
        case _ if event == SQLITE:
            return _database(arguments[0])
        case "builtins.input":
            return asked(arguments[0] if arguments else "")
        case "os.forkpty":
            return _forked(frame, is_secret)
        case _:
            return _program(event, arguments, is_secret)


ANSWERED = "builtins.input/result"
"""The audit event of an answer that was typed in a terminal."""
HEARD = frozenset(
    {"socket.getaddrinfo", "socket.gethostbyname", "socket.connect", "socket.sendto", "http.client.send"}
    | {SQLITE, SQLITE_OPENED, "builtins.input", ANSWERED}
    | {"subprocess.Popen", "os.system", "os.posix_spawn", "os.spawn", "os.startfile", "pty.spawn", "os.forkpty"}
)
"""The audit events that may report a contact."""


def asked(prompt: object) -> Contact:
    """Return the contact of a question to the person before the notebook."""
    text = prompt if isinstance(prompt, str) else ""
    return Contact("input", short(" ".join(text.split()), MAX_TARGET))


def _lookup(host: object, port: object = None) -> Contact | None:
    name = _text(host)
    if not name:
        return None  # a server asks where it may listen
    number = port if isinstance(port, int) and port else None
    service = _text(port)
    if service.isdecimal():
        number = int(service)
    return _network(name, number, "lookup")


def _connection(address: object) -> Contact | None:
    if isinstance(address, tuple) and len(address) > 1 and isinstance(address[0], str):
        return _network(address[0], address[1] if isinstance(address[1], int) else None, "connect")
    path = _text(address)
    if path:
        return Contact("host", short(f"unix:{path}", MAX_TARGET), step="connect")
    return None


def _network(host: str, port: int | None, step: Literal["lookup", "connect"]) -> Contact:
    kind: Kind = "database" if port in DATABASE_PORTS else "host"
    return Contact(kind, short(_place(host, port), MAX_TARGET), host, port, step)


def _request(connection: Any, data: object) -> Contact | None:  # noqa: ANN401 - http.client.HTTPConnection
    found = _REQUEST.match(data) if isinstance(data, bytes) else None
    if found is None or found[1] == b"CONNECT":
        return None  # the body of a request, or the question to a proxy
    host = getattr(connection, "_tunnel_host", None) or connection.host
    port = getattr(connection, "_tunnel_port", None) or connection.port
    is_secure = connection.default_port == _HTTPS
    url = urlsplit(found[2].decode("ascii", "replace"))
    if url.netloc:  # a proxy is asked for the whole address
        host, port, is_secure = url.hostname or "", url.port or _HTTP, url.scheme == "https"
    place = _place(host, None if port == (_HTTPS if is_secure else _HTTP) else port)
    target = f"{'https' if is_secure else 'http'}://{place}{url.path if url.path != '/' else ''}"
    return Contact("host", short(target, MAX_TARGET), host, port, "request")


def _database(path: object) -> Contact | None:
    text = _text(path)
    if text in ("", ":memory:") or "mode=memory" in text or text.startswith("file::memory:"):
        return None
    plain = text.removeprefix("file:").partition("?")[0] if text.startswith("file:") else text
    return Contact("database", plain)


def _program(event: str, arguments: tuple[Any, ...], is_secret: Callable[[str], bool]) -> Contact | None:
    match event:
        case "subprocess.Popen" | "os.posix_spawn":
            words: object = arguments[1]
        case "os.spawn":
            words = arguments[2]
        case _:
            words = arguments[0]
    return program(words, is_secret)


def program(words: object, is_secret: Callable[[str], bool]) -> Contact | None:
    """Return the contact of a program, given the text of a command line or its words."""
    parts = [_text(word) for word in words] if isinstance(words, list | tuple) else []
    line = _text(words)
    if len(parts) > 2 and re.fullmatch(r"(.*/)?\w*sh", parts[0]) and re.fullmatch(r"-\w*c", parts[1]):  # noqa: PLR2004
        line = parts[2]
    first, *rest = (line.split() if line else parts) or [""]
    if not first:
        return None
    named = re.split(r"[/\\]", first.strip("'\""))[-1] or first
    shown = [named, *_without_secrets(rest, is_secret, named)]
    text = " ".join(shown if line else map(_quoted, shown))
    return Contact("program", short(" ".join(text.split()), MAX_TARGET))


def _quoted(word: str) -> str:
    return word if word.endswith(_HIDDEN) else shlex.quote(word)


def _without_secrets(words: Iterable[str], is_secret: Callable[[str], bool], named: str) -> Iterable[str]:
    """Yield the words of a command line, with a mark in place of what an option calls a secret."""
    hides = ""
    for word in words:
        option, equals, value = word.partition("=")
        is_option = option.startswith("-")
        if hides and not is_option:
            yield _HIDDEN if hides == "all" else _without_password(word)
            hides = ""
            continue
        hides = ""
        if is_option and is_secret(option.lstrip("-")):
            hides = "" if equals else "all"
            yield f"{option}={_HIDDEN}" if equals else word
        elif named in _DASH_P and word.startswith("-p"):
            hides = "all" if word == "-p" else ""
            yield word if word == "-p" else f"-p{_HIDDEN}"
        elif is_option and option in ("-u", "--user", "--proxy-user"):
            hides = "" if equals else "password"
            yield f"{option}={_without_password(value)}" if equals else word
        else:
            yield _without_query(word) if "://" in word else word


def _without_password(word: str) -> str:
    user, colon, _ = word.partition(":")
    return f"{user}:{_HIDDEN}" if colon else word


def _without_query(word: str) -> str:
    """Return a URL without its query and its credentials."""
    head, _, rest = word.partition("://")
    place, slash, path = re.split(r"[?#]", rest, maxsplit=1)[0].partition("/")
    return f"{head}://{place.rpartition('@')[2]}{slash}{path}"


def _forked(frame: FrameType | None, is_secret: Callable[[str], bool]) -> Contact | None:
    """Return the program that pexpect starts, as IPython does for `!command`; a fork itself names none."""
    while frame is not None:
        if frame.f_globals.get("__name__") == "pexpect.pty_spawn" and "command" in frame.f_locals:
            words = [frame.f_locals["command"], *(frame.f_locals.get("args") or ())]
            return program(words if len(words) > 1 else words[0], is_secret)
        frame = frame.f_back
    return None


def _place(host: str, port: int | None) -> str:
    host = f"[{host}]" if ":" in host else host
    return host if port is None else f"{host}:{port}"


def _is_address(host: str) -> bool:
    return ":" in host or re.fullmatch(r"[\d.]+", host) is not None


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return os.fsdecode(value) if isinstance(value, bytes | os.PathLike) else ""
