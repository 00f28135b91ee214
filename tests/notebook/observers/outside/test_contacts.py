"""`Contacts`: which hosts, programs and databases a cell asks, and the person before the notebook."""

from __future__ import annotations

import http.server
import io
import socket
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

import ithtel
from ithtel.commands.log.doctor import doctor
from ithtel.commands.replay.replay import replay
from ithtel.notebook.observers.outside.file_tap import file_tap
from ithtel.plain_text import message
from sessions import LOG, hazards, last, recorded, run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from IPython.core.interactiveshell import InteractiveShell

IMPORTS = "import subprocess, sqlite3, socket, sys, os, http.client, urllib.request as web"


class Answering(http.server.BaseHTTPRequestHandler):
    """Answers every request with the next number."""

    protocol_version = "HTTP/1.1"
    n_answers = 0

    def do_GET(self) -> None:
        type(self).n_answers += 1
        text = f"{self.n_answers:04d}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a server on this machine."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def told() -> list[tuple[str, str, str]]:
    """Return the recorded contacts: kind, target, owner."""
    return [(each["kind"], each["target"], each["owner"]) for each in recorded("external.contact")]


@pytest.mark.parametrize(
    ("cell", "kind", "target", "owner"),
    [
        ("with web.urlopen('http://127.0.0.1:PORT/v1?key=abc') as r: x = r.read()", "host", "http://127.0.0.1:PORT/v1",
         "urllib.request.urlopen"),
        ("def get(): \n    with web.urlopen('http://localhost:PORT') as r: return r.read()\nget()", "host", "http://localhost:PORT",
         "urllib.request.urlopen"),
        ("socket.create_connection(('localhost', PORT)).close()", "host", "localhost:PORT", "socket.create_connection"),
        ("s = socket.socket(); s.connect(('127.0.0.1', PORT)); s.close()", "host", "127.0.0.1:PORT", "the cell"),
        ("import asyncio\n_, w = await asyncio.open_connection('127.0.0.1', PORT)\nw.close(); await w.wait_closed()",
         "host", "127.0.0.1:PORT", "asyncio.open_connection"),
        ("subprocess.run([sys.executable, '-c', 'pass'])", "program", "PYTHON -c pass", "subprocess.run"),
        ("subprocess.check_output('echo a', shell=True)", "program", "echo a", "subprocess.check_output"),
        ("os.system('true')", "program", "true", "the cell"),
        ("with os.popen('true') as p: p.read()", "program", "true", "os.popen"),
        ("x = !true", "program", "true", "the cell"),
        ("!true", "program", "true", "the cell"),
        ("con = sqlite3.connect('p.db'); con.close()", "database", "p.db", "the cell"),
    ],
)  # fmt: skip
def test_what_a_cell_asks_is_recorded(
    shell: InteractiveShell, port: int, cell: str, kind: str, target: str, owner: str
) -> None:
    """Once, with its target and the function that the cell called; and the doctor warns."""
    run(shell, IMPORTS)
    assert run(shell, cell.replace("PORT", str(port))).success
    target = target.replace("PORT", str(port)).replace("PYTHON", Path(sys.executable).name)
    assert [(kind, target, owner)] == told()
    (warning,) = hazards()["external"]
    assert warning.startswith(f"{owner} ")
    assert warning.endswith(f" {target}: the answer is not recorded")


@pytest.mark.parametrize(
    "cell",
    [
        "import platform; platform.uname(); platform.processor()",
        "import ctypes.util; ctypes.util.find_library('c')",
        "m = sqlite3.connect(':memory:'); m.execute('select 1').fetchall(); m.close()",
        "import socketserver as ss; ss.TCPServer(('localhost', 0), ss.BaseRequestHandler).server_close()",
        "import asyncio\nserver = await asyncio.start_server(print, 'localhost', 0); server.close()",
        "a, b = socket.socketpair(); a.close(); b.close()",
        "%ithtel doctor",
        "# ithtel: off\nos.system('true')",
        "x = 1",
    ],
)
def test_what_is_no_contact(shell: InteractiveShell, cell: str) -> None:
    """A server of one's own, a database in memory, questions about the machine, ithtel's own questions to git."""
    run(shell, IMPORTS)
    run(shell, cell)
    assert [] == told()
    assert "external" not in hazards()


def test_what_an_import_asks_itself_is_no_contact(
    shell: InteractiveShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But what the user's own module asks is one."""
    library = tmp_path / "site-packages"
    library.mkdir()
    for folder, name in ((library, "installed_one"), (tmp_path, "own_one")):
        (folder / f"{name}.py").write_text("import os\nos.system('true')\n")
        monkeypatch.syspath_prepend(str(folder))
    run(shell, "import installed_one")
    assert [] == told()
    run(shell, "import own_one")
    assert [("program", "true", "the cell")] == told()


def test_the_front_ends_own_threads_are_no_contact(shell: InteractiveShell, port: int) -> None:
    """A thread of the kernel that opens a connection while a cell runs."""
    space: dict[str, Any] = {"__name__": "ipykernel.heartbeat", "socket": socket}
    code = f"def beat(): socket.create_connection(('127.0.0.1', {port})).close()"
    exec(compile(code, "/x/site-packages/ipykernel/heartbeat.py", "exec"), space)  # noqa: S102 - ours
    shell.user_ns["beat"] = threading.Thread(target=space["beat"])
    run(shell, "beat.start(); beat.join()")
    assert [] == told()


def test_threads_of_a_pool_are_the_cells(shell: InteractiveShell, port: int) -> None:
    """No frame shows who started them."""
    run(shell, f"{IMPORTS}\nfrom concurrent.futures import ThreadPoolExecutor")
    urls = [f"http://127.0.0.1:{port}/{name}" for name in "abcd"]
    run(shell, f"with ThreadPoolExecutor(2) as pool: answers = list(pool.map(web.urlopen, {urls}))")
    run(shell, "for answer in answers: answer.close()")
    assert sorted(("host", url, "urllib.request.urlopen") for url in urls) == sorted(told())
    assert " and 1 more: the answers are not recorded" in hazards()["external"][0]


def test_repetition_is_folded(shell: InteractiveShell) -> None:
    """One line with a count."""
    run(shell, f"{IMPORTS}\nfor _ in range(3): os.system('true')")
    assert 3 == last("external.contact")["count"]
    assert 1 == len(told())


def test_a_connection_that_is_kept_counts_in_each_cell_that_uses_it(shell: InteractiveShell, port: int) -> None:
    """The query of a cell goes through what an earlier cell opened, unheard."""
    run(shell, f"{IMPORTS}\ncon = sqlite3.connect('p.db'); memory = sqlite3.connect(':memory:')")
    run(shell, f"line = socket.create_connection(('localhost', {port}))")
    run(shell, f"http_line = http.client.HTTPConnection('localhost', {port})\nhttp_line.connect()")
    before = len(told())
    run(shell, "rows = con.execute('select 1').fetchall()")
    run(shell, "memory.execute('select 1').fetchall()")
    run(shell, "line.sendall(b'')")
    run(shell, "http_line.request('GET', '/x?key=1'); text = http_line.getresponse().read()")
    assert [
        ("database", "p.db", "con"),
        ("host", f"localhost:{port}", "line"),
        ("host", f"http://localhost:{port}/x", "http.client.HTTPConnection.request"),
    ] == told()[before:]
    run(shell, "line.close(); con.close(); http_line.close(); memory.close(); con = memory = line = None\ncon")
    before = len(told())
    run(shell, "con")
    assert before == len(told())


def test_a_database_driver_in_c_is_known_by_its_connection(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library libpq opens its connections unheard."""
    driver = type("connection", (), {"__module__": "psycopg2.extensions"})
    monkeypatch.setitem(shell.user_ns, "db", driver())
    run(shell, "rows = [db]")
    assert [("database", "psycopg2 db", "db")] == told()


def test_input_is_a_contact(shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a terminal."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("5\n"))
    run(shell, "n = input('how many? ')")
    assert [("input", "how many?", "the cell")] == told()
    assert ["the cell asked 'how many?': the answer is not recorded"] == hazards()["external"]


def test_a_question_to_a_front_end_is_a_contact(bare: InteractiveShell) -> None:
    """A kernel replaces `input` by its own; what ithtel puts around it goes when ithtel goes."""

    class Kernel(SimpleNamespace):
        """Asks as `ipykernel.kernelbase.Kernel` does."""

        def get_parent(self, *_: str) -> dict[str, Any]:
            return {}

        def _input_request(self, prompt: str, *, password: bool = False) -> str:  # noqa: ARG002
            return f"{prompt}5"

    bare.kernel = Kernel()  # type: ignore[attr-defined]
    ask = "answer = get_ipython().kernel._input_request('how many? ', password=True)"
    run(bare, "%load_ext ithtel")
    run(bare, ask)
    assert "how many? 5" == bare.user_ns["answer"]
    assert [("input", "how many?", "the cell")] == told()
    run(bare, "%unload_ext ithtel")
    assert {} == vars(bare.kernel)  # type: ignore[attr-defined]
    run(bare, ask)
    assert 1 == len(told())
    del bare.kernel  # type: ignore[attr-defined]


def test_nothing_is_heard_between_cells_nor_after_unloading(shell: InteractiveShell) -> None:
    """The hook of the process stays, and does nothing."""
    run(shell, "import subprocess")
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    assert file_tap.contacts is None
    run(shell, "%unload_ext ithtel")
    run(shell, "subprocess.run(['true'])")
    assert [] == told()


def test_odd_arguments_do_the_cell_no_harm(shell: InteractiveShell) -> None:
    """An object that raises wherever it is looked at."""
    run(
        shell,
        "import sys\nclass Odd(str):\n    def __hash__(self): raise OSError\n    def split(self, *a): raise OSError\n"
        "for event in ('socket.connect', 'subprocess.Popen', 'http.client.send', 'builtins.input', 'os.system'):\n"
        "    sys.audit(event, Odd('a'), Odd('b')); sys.audit(event, None, None); sys.audit(event)\nx = 1",
    )
    assert 1 == shell.user_ns["x"]


def test_a_private_session_withholds_targets(bare: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only that something was asked is recorded, and of which kind."""
    monkeypatch.setenv("ITHTEL_PRIVATE", "true")
    run(bare, "%load_ext ithtel")
    run(bare, "import os; os.system('echo private-target')")
    assert [("program", "", "")] == told()
    assert ["the cell ran something outside: the answer is not recorded"] == hazards()["external"]
    assert "private-target" not in LOG.read_text()


def test_secrets_are_replaced(shell: InteractiveShell) -> None:
    """In the command that ran, and in the warning."""
    run(shell, "import os\nword = 'hunter' + '2' * 9")
    run(shell, "x = os.system(f'true --token {word}; TOKEN={word} true')")
    assert [("program", "true --token … TOKEN=", "the cell")] == [
        (kind, target.partition("[redacted")[0], owner) for kind, target, owner in told()
    ]
    assert "hunter222222222" not in LOG.read_text()


def test_a_secret_is_replaced_before_the_text_is_cut(shell: InteractiveShell) -> None:
    """Half of a token would not be recognised as one."""
    run(shell, "import os\ntoken = 'ghp_' + 'a' * 36")
    run(shell, "x = os.system('true ' + 'x' * 90 + ' ' + token)")
    ((_, target, _),) = told()
    assert "ghp_" not in target
    assert 120 >= len(target)
    assert "ghp_a" not in LOG.read_text().replace("'ghp_' + 'a'", "")


def test_another_answer_is_the_cause(shell: InteractiveShell, port: int) -> None:
    """The same cells, and a server that answers otherwise; a doctor and a plan of a replay name it before."""
    cells = [
        IMPORTS,
        f"with web.urlopen('http://127.0.0.1:{port}/prices') as r: x = r.read()\nr = None",
        "y = x + b'!'",
    ]
    for cell in cells:
        run(shell, cell)
    run(shell, "%ithtel stop")
    run(shell, "%ithtel start")
    shell.execution_count = 2
    for cell in cells:
        run(shell, cell)
    run(shell, "%ithtel stop")
    root = ithtel.diff(f"{LOG}@-2", LOG).verdict.first
    assert root is not None
    assert "external_changed" == root.cause
    target = f"http://127.0.0.1:{port}/prices"
    assert [f"urllib.request.urlopen talked to {target}, and its answer is not recorded"] == root.evidence
    assert f"will contact {target}" in replay(LOG, run=False).plan.text()
    (finding,) = [each for each in doctor(LOG).findings if each.kind == "external"]
    assert message(target) in finding.detail
    assert finding.fix


def test_sqlite_is_the_cause_of_another_result(shell: InteractiveShell) -> None:
    """The file is the same; the query has another answer."""
    with sqlite3.connect("p.db") as made:
        made.execute("create table t(a)")
    made.close()
    run(shell, "import sqlite3; con = sqlite3.connect('p.db')")
    run(shell, "row = con.execute('select random()').fetchall()")
    run(shell, "%ithtel stop")
    run(shell, "%ithtel start")
    run(shell, "import sqlite3; con = sqlite3.connect('p.db')")
    run(shell, "row = con.execute('select random()').fetchall()")
    run(shell, "%ithtel stop")
    run(shell, "con.close()")
    causes = [root.cause for root in ithtel.diff(f"{LOG}@-2", LOG).verdict.roots]
    assert "external_changed" in causes
    assert "unknown" not in causes
