"""`Contacts`: what a cell asked of hosts, programs, databases and the person before the notebook."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from ithtel.events import ExternalContact, InputAnswer
from ithtel.events.reproducibility import contact_text
from ithtel.events.values import encode_text
from ithtel.notebook.observers.outside.file_tap import file_tap
from ithtel.plain_text import short
from ithtel.provenance.contacts.contact import Contact, asked
from ithtel.provenance.contacts.watch import MAX_CONTACTS, Answered, ContactWatch, Found
from ithtel.recording.secrets.patterns import says_secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from IPython.core.interactiveshell import InteractiveShell

    from ithtel.notebook.cells.run import CellRun, Safely
    from ithtel.provenance.contacts.contact import Kind
    from ithtel.recording.session import Session

MAX_NAMED = 3
"""Targets that one warning names."""
MAX_TARGET = 120
"""Characters of a target that are recorded."""
_REMOTE = frozenset(
    {"psycopg2", "psycopg", "pyodbc", "oracledb", "cx_Oracle", "MySQLdb", "mysql", "pymysql", "pymssql", "ibm_db"}
    | {"pymongo", "redis", "cassandra", "neo4j", "clickhouse_driver", "clickhouse_connect", "snowflake", "trino"}
)
"""Packages whose objects are connections to a database on a server. Those in C raise no audit event."""
_OPENERS: dict[str, Kind] = {
    "sqlite3": "database", "sqlalchemy": "database", "socket": "host", "ssl": "host", "ftplib": "host",
    "smtplib": "host", "imaplib": "host", "httpx": "host", "aiohttp": "host", "paramiko": "host",
    "subprocess": "program",
}  # fmt: skip
"""Packages whose objects stay connected to what the cell that made them asked."""


class _Line(NamedTuple):
    """What a variable is connected to."""

    value_id: int
    contacts: tuple[Contact, ...]


class Contacts:
    """Observes what a cell asks outside. Connections that a variable keeps count in each cell that uses it."""

    def __init__(self, shell: InteractiveShell, safely: Safely, session: Callable[[], Session | None]) -> None:
        self.shell = shell
        self._safely = safely
        self._session = session
        self._watches: dict[str, ContactWatch] = {}
        self._lines: dict[str, _Line] = {}
        self._undo: Callable[[], None] | None = None

    def register(self) -> None:
        """Hear the questions that a kernel passes to its front end: they do not reach the built-in `input`."""
        kernel: Any = getattr(self.shell, "kernel", None)
        ask = getattr(kernel, "_input_request", None)
        if ask is None or self._undo is not None:
            return

        def heard(prompt: object, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - of ipykernel
            watch = file_tap.contacts
            if watch is not None:
                self._safely(watch.add, asked(prompt), sys._getframe(1))  # noqa: SLF001
            answer = ask(prompt, *arguments, **options)
            if watch is not None:
                is_password = bool(options.get("password") or arguments[2:3] == (True,))
                self._safely(watch.answered, prompt, answer, is_password=is_password)
            return answer

        before = vars(kernel).get("_input_request")  # a replay gives recorded answers there
        kernel._input_request = heard  # noqa: SLF001

        def undo() -> None:
            if vars(kernel).get("_input_request") is not heard:
                return
            if before is None:
                del kernel._input_request  # noqa: SLF001
            else:
                kernel._input_request = before  # noqa: SLF001

        self._undo = undo

    def close(self) -> None:
        """Stop listening."""
        file_tap.contacts = None
        if self._undo is not None:
            self._undo()
            self._undo = None

    def before(self, run: CellRun) -> None:
        """Start listening."""
        if not run.cell.is_off:
            watch = ContactWatch(self.shell.user_ns, says_secret)
            self._watches[run.cell.span_id] = file_tap.contacts = watch

    def after(self, run: CellRun) -> None:
        """Record whom the cell asked, and warn that the answers are not recorded."""
        watch = self._watches.pop(run.cell.span_id, None)
        if watch is None:
            return
        if file_tap.contacts is watch:
            file_tap.contacts = None
        made = watch.found()
        found = [*made, *self._used(run, made)]
        self._keep(run, [each.contact for each in found], watch.opened)
        session = self._session()
        self._record_answers(run, watch.answers)
        if not found or session is None:
            return
        clean = session.redactor.text
        found = [each._replace(contact=_shortened(each.contact, clean)) for each in found]
        for each in found:
            run.record(
                ExternalContact(
                    execution_count=run.cell.execution_count, kind=each.contact.kind, target=each.contact.target,
                    owner=each.owner, count=each.n_times,
                )
            )  # fmt: skip
        if watch.n_more:
            run.extend(skipped={**run.report.skipped, "contacts": f"{watch.n_more} more than {MAX_CONTACTS}"})
        hosts = run.report.kept_hosts
        unanswered = [each for each in found if not _is_answered(each, watch.answers) and not _is_kept(each, hosts)]
        for detail in _warnings(unanswered, is_private=run.cell.settings.private):
            run.warn("external", detail, [])

    def _record_answers(self, run: CellRun, answers: list[Answered]) -> None:
        """Record what the person answered, unless it is a secret."""
        session = self._session()
        if not answers or session is None:
            return
        is_secret = run.cell.settings.private or _asks_for_secret(run.cell.source)
        for each in answers:
            hidden = is_secret or any(map(says_secret, re.findall(r"\w+", each.prompt)))
            run.record(
                InputAnswer(
                    execution_count=run.cell.execution_count, prompt=encode_text(each.prompt),
                    answer=None if hidden or each.answer is None else encode_text(each.answer),
                )
            )  # fmt: skip

    def _used(self, run: CellRun, made: list[Found]) -> Iterator[Found]:
        """Yield the contacts through connections that variables have kept from earlier cells."""
        seen = {_server(each.contact) for each in made}
        for name in run.report.reads:
            for contact in self._connected(name):
                if _server(contact) not in seen:
                    seen.add(_server(contact))
                    yield Found(contact, name, 1)

    def _connected(self, name: str) -> tuple[Contact, ...]:
        value = self.shell.user_ns.get(name)
        line = self._lines.get(name)
        if line is not None and line.value_id == id(value):
            return line.contacts
        package = _package_of(value)
        return (Contact("database", f"{package} {name}"),) if package in _REMOTE else ()

    def _keep(self, run: CellRun, contacts: list[Contact], opened: dict[int, Contact | None]) -> None:
        """Remember which variables of the cell hold an open connection."""
        for name in run.report.deletes:
            self._lines.pop(name, None)
        for name in run.report.writes:
            self._lines.pop(name, None)
            value = self.shell.user_ns.get(name)
            kind = _OPENERS.get(_package_of(value))
            exactly = [opened[id(value)]] if id(value) in opened else [each for each in contacts if each.kind == kind]
            mine = tuple(each for each in exactly if each is not None)
            if mine:
                self._lines[name] = _Line(id(value), mine)


def _shortened(contact: Contact, clean: Callable[[str], str]) -> Contact:
    """Return a contact without secrets, then cut: half a token would not be recognised as one."""
    return contact._replace(target=short(clean(contact.target), MAX_TARGET))


def _is_answered(found: Found, answers: Iterable[Answered]) -> bool:
    """Return whether what was asked is a question whose answers are all recorded."""
    given = [each.answer for each in answers if asked(each.prompt).target == found.contact.target]
    return found.contact.kind == "input" and bool(given) and None not in given


def _is_kept(found: Found, hosts: frozenset[str]) -> bool:
    """Return whether a host was asked whose answers were kept."""
    return found.contact.kind == "host" and found.contact.host in hosts


def _asks_for_secret(source: str) -> bool:
    """Return whether a cell binds an answer to a name that suggests a secret.

    >>> _asks_for_secret("api_key = input().strip()"), _asks_for_secret("name = input()")
    (True, False)
    """
    names = re.findall(r"^\s*(\w+)[^=\n]*=[^=\n]*\binput\(", source, re.MULTILINE)
    return any(map(says_secret, names))


def _server(contact: Contact) -> tuple[str, str, object]:
    return (contact.kind, contact.host, contact.port) if contact.host else (contact.kind, contact.target, None)


def _package_of(value: object) -> str:
    module = type.__getattribute__(type(value), "__dict__").get("__module__")
    return module.partition(".")[0] if type(module) is str else ""


def _warnings(found: Iterable[Found], *, is_private: bool) -> Iterator[str]:
    """Yield one warning per function and kind of contact, with its targets."""
    groups: dict[tuple[str, Kind], list[str]] = {}
    for each in found:
        groups.setdefault(("the cell" if is_private else each.owner, each.contact.kind), []).append(each.contact.target)
    for (owner, kind), targets in groups.items():
        names = [] if is_private else list(dict.fromkeys(targets))
        answers = "the answers are not recorded" if len(names) > 1 else "the answer is not recorded"
        text = contact_text(kind, names[:MAX_NAMED], max(0, len(names) - MAX_NAMED))
        yield f"{owner} {text}: {answers}"
