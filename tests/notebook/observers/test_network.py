"""`Network`: with `keep=network`, a session with downloads replays without a network."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ithtel.commands.replay.replay import replay
from kernels import record
from sessions import hazards, recorded, run
from web import server

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

CELLS = [
    "%load_ext ithtel",
    "import os, urllib.request, requests, httpx",
    """query = urllib.parse.urlencode([('api_key', os.environ['WEB_KEY'])])
with urllib.request.urlopen(f'{WEB}/a?{query}') as r: a = r.read()
del query""",
    "b = requests.get(f'{WEB}/b', headers={'Authorization': os.environ['WEB_KEY']}).text",
    "c = httpx.get(f'{WEB}/gzip').text",
    "both = a.decode() + b + c",
]


def objects() -> bytes:
    """Return all that is kept."""
    return b"".join(path.read_bytes() for path in Path("logs/objects").rglob("*") if path.is_file())


def test_answers_are_kept_and_recorded(shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without credentials, and without a warning that they are not recorded."""
    monkeypatch.setenv("WEB_KEY", "hunter2-hunter2")
    run(shell, "%ithtel set keep=network")
    with server() as url:
        run(shell, f"WEB = {url!r}")
        for cell in CELLS[1:]:
            run(shell, cell)
    found = recorded("http.answer")
    urls = [re.sub(r"\[redacted[^\]]*\]", "…", each["url"].removeprefix(url)) for each in found]
    assert ["/a?api_key=…", "/b", "/gzip"] == urls
    assert [("GET", 200)] * 3 == [(each["method"], each["status"]) for each in found]
    assert b"hunter2" not in objects()
    assert "hunter2" not in str(found)
    assert "external" not in hazards()


def test_nothing_is_kept_without_the_setting(shell: InteractiveShell) -> None:
    """And a private session keeps nothing with it."""
    with server() as url:
        run(shell, f"import urllib.request\nwith urllib.request.urlopen({url!r}) as r: a = r.read()")
        run(shell, "%ithtel set keep=network private=true")
        run(shell, f"with urllib.request.urlopen({url!r}) as r: a = r.read()")
    assert [] == recorded("http.answer")
    assert not Path("logs/objects").exists()


def test_a_switched_off_cell_is_not_heard(shell: InteractiveShell) -> None:
    """Neither the request nor the answer."""
    run(shell, "%ithtel set keep=network")
    with server() as url:
        run(shell, f"# ithtel: off\nimport urllib.request\nwith urllib.request.urlopen({url!r}) as r: a = r.read()")
    assert [] == recorded("http.answer")


@pytest.mark.kernel
def test_a_session_with_downloads_replays_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server is gone, and every answer is the recorded one; a request that was not recorded names the fix."""
    with server() as url:
        log = record([f"WEB = {url!r}", *CELLS], tmp_path, ITHTEL_KEEP="network", WEB_KEY="hunter2-hunter2")
    monkeypatch.setenv("WEB_KEY", "another-key-of-the-reader")
    found = replay(log)
    assert [] == found.plan.obstacles
    assert ("identical", None) == (found.outcome, found.failure), found.text()
    assert "answered from the record" in found.plan.text()
