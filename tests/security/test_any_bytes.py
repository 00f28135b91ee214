"""Whatever a log holds: no traceback, nothing that a terminal obeys, no hang, an exit code of 0, 1 or 2."""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from examples import share
from hostile_logs import CONTROL, hostile_log, lines
from ithtel.cli.entry import main
from ithtel.reading.history.build import history
from ithtel.reading.lines.read import read
from ithtel.reading.verify.verify import verify_files

if TYPE_CHECKING:
    from collections.abc import Sequence

LOG = "logs/ndjson/x.jsonl"
CHEAP: Sequence[tuple[str, ...]] = (
    ("verify", LOG), ("tail", LOG), ("validate", LOG), ("lineage", LOG, "result"), ("lineage", LOG, "nav"),
    ("cells", LOG), ("replay", LOG, "--env", "--unverified"), ("whence", LOG),
)  # fmt: skip
DEAR: Sequence[tuple[str, ...]] = (
    ("events", LOG), ("events", LOG, "--format", "csv"), ("events", LOG, "--format", "json"),
    ("events", LOG, "--summary"),
    ("epochs", LOG), ("timeline", LOG), ("doctor", LOG), ("diff", LOG, LOG), ("diff", LOG, LOG, "--format", "json"),
    ("diff", LOG, LOG, "--format", "html"), ("replay", LOG, "--no-run", "--unverified"), ("audit", LOG),
    ("attribute", LOG), ("timeline", LOG, "-o", "t.svg"), ("attribute", LOG, "-o", "w.svg"), ("profiles", LOG),
)  # fmt: skip
MAX_S = 10.0


def run(arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> object:
    """Call the command line, and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["ithtel", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


def attack(seed: int, verbs: Sequence[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch) -> object:
    """Write the hostile log of this seed, and read it with one of the verbs."""
    chance = random.Random(seed)
    Path(LOG).parent.mkdir(parents=True, exist_ok=True)
    Path(LOG).write_bytes(hostile_log(chance))
    return run(chance.choice(verbs), monkeypatch)


@pytest.mark.parametrize(
    ("verbs", "n"), [pytest.param(CHEAP, share(40), id="cheap"), pytest.param(DEAR, share(20), id="dear")]
)
def test_every_verb_reads_any_log(
    verbs: Sequence[tuple[str, ...]], n: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each field of each event may hold anything."""
    for seed in range(n):
        began = time.monotonic()
        assert attack(seed, verbs, monkeypatch) in {0, 1, 2}, seed
        assert time.monotonic() - began < MAX_S, seed
        shown = "".join(capsys.readouterr())
        assert CONTROL.search(shown) is None, seed


@pytest.mark.soak
def test_every_verb_reads_any_log_for_long(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Twenty thousand logs."""
    for seed in range(1_000_000, 1_020_000):
        assert attack(seed, [*CHEAP, *DEAR], monkeypatch) in {0, 1, 2}, seed
        assert CONTROL.search("".join(capsys.readouterr())) is None, seed


def test_two_thousand_logs_are_read() -> None:
    """Without the command line, which costs more than reading: records, the verification, the history."""
    path = Path("x.jsonl")
    for seed in range(share(2_000)):
        path.write_bytes(hostile_log(random.Random(seed)))
        log = read(path, session="all")
        assert sum(1 for _ in log) + len(list(log.problems)) > 0, seed
        assert verify_files([(path,)]).status in {"changed", "ended without close", "intact"}, seed
        history(log)


def test_the_attack_has_every_event() -> None:
    """The page has an example of each."""
    from ithtel.events import EVENTS, event_type

    page = "\n".join(lines())
    assert [] == [name for name in map(event_type, EVENTS) if f'"event_type": "{name}"' not in page]


def test_a_spreadsheet_gets_no_formula(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A quote is put before it."""
    Path(LOG).parent.mkdir(parents=True)
    text = "\n".join(lines()).replace('"msg": "', '"msg": "=cmd|')
    Path(LOG).write_text(text + "\n", encoding="utf-8")
    run(("events", LOG, "--format", "csv"), monkeypatch)
    shown = capsys.readouterr().out
    assert "'=cmd|" in shown
    assert ",=cmd|" not in shown
