"""The bridge is built when loguru is imported, and not before."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ithtel.recording.awaiting import when_imported

pytestmark = pytest.mark.kernel


def texts(code: str, name: str = "a") -> list[str]:
    """Run code in a fresh interpreter, and return the messages of its log."""
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    lines = Path(f"logs/ndjson/{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [line["msg"] for line in map(json.loads, lines) if "event_type" not in line["context"]]


def test_a_session_before_loguru_records_what_is_logged() -> None:
    """From its first message, and loguru was not loaded before."""
    code = (
        "import sys, ithtel; ithtel.start('a', git=False); assert 'loguru' not in sys.modules\n"
        "from loguru import logger; logger.info('first'); ithtel.stop(); logger.info('after')"
    )
    assert ["first"] == texts(code)


def test_a_session_that_ended_before_leaves_nothing_behind() -> None:
    """Neither a finder nor a handler."""
    code = (
        "import sys, ithtel; before = list(sys.meta_path); ithtel.start('a', git=False); ithtel.stop()\n"
        "assert sys.meta_path == before\nfrom loguru import logger; assert len(logger._core.handlers) == 1"
    )
    assert [] == texts(code)


def test_two_sessions_wait_side_by_side() -> None:
    """Each gets the message."""
    code = (
        "import ithtel; ithtel.start('a', git=False); ithtel.start('b', git=False)\n"
        "from loguru import logger; logger.info('both')"
    )
    assert ["both"] == texts(code)
    assert ["both"] == texts("", "b")


def test_what_is_loaded_already_is_not_waited_for() -> None:
    """The action is taken at once, and a package that does not exist is looked for by nobody."""
    called: list[int] = []
    when_imported("json", lambda: called.append(1))
    assert [1] == called
    call_off = when_imported("no_such_package", lambda: called.append(2))
    with pytest.raises(ModuleNotFoundError):
        __import__("no_such_package")
    call_off()
    assert [1] == called


def test_an_import_that_failed_may_be_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The action waits for the one that succeeds, and is taken once."""
    (tmp_path / "moody.py").write_text("import builtins; assert hasattr(builtins, 'cheerful')", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    called: list[int] = []
    before = list(sys.meta_path)
    when_imported("moody", lambda: called.append(1))
    with pytest.raises(AssertionError):
        __import__("moody")
    assert [] == called
    monkeypatch.setattr("builtins.cheerful", True, raising=False)
    __import__("moody")
    monkeypatch.delitem(sys.modules, "moody")
    assert [1] == called
    assert before == sys.meta_path
