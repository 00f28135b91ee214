"""Two runs of a cell are compared in everything that was recorded about them."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from factories import ith_run, walk
from ithtel import events as ev
from ithtel.events.notebook import TEXT_BYTES
from ithtel.notebook.observers.cell_display import CellDisplay
from ithtel.reading.diff.compared.cells import _apart, _fields
from ithtel.reading.diff.diff import diff
from research import (
    Session,
    drawn_globally,
    only,
    sha,
    state,
)

NUMBERS = st.one_of(st.none(), st.integers(), st.floats(allow_nan=False, allow_infinity=False))
JSON = st.one_of(NUMBERS, st.text(), st.lists(NUMBERS, max_size=3))


def test_where_a_stream_was_before_its_seed_is_no_difference() -> None:
    """Every process begins elsewhere."""
    assert diff(drawn_globally("one", 0.1, seed=3), drawn_globally("other", 0.1, seed=3)).is_empty


def test_an_unseeded_stream_that_nothing_came_of_is_no_difference() -> None:
    """An import may draw from it."""
    a, b = (
        Session().cell("import thing", state("python", begin), state("python", begin + "'"), writes="thing").log()
        for begin in ("one", "other")
    )
    assert diff(a, b).is_empty


def test_epochs_are_compared_to_the_bit() -> None:
    """The first that differs is named."""
    run = ith_run(walk(400), 0.1)
    first = next(event for event in run.events if isinstance(event, ev.EpochDetected))
    moved = msgspec.structs.replace(first, excess_gain=float(np.nextafter(first.excess_gain, 1)))
    changed = [moved if event is first else event for event in run.events]
    a, b = (Session().cell("r = analyze(nav)", *events, writes="r").log() for events in (run.events, changed))
    root = only(diff(a, b))
    assert ("numerics", ["bull_ith"]) == (root.cause, root.names)
    assert diff(a, b, rtol=1e-12).is_identical


def test_within_a_tolerance_an_examination_is_what_its_statistics_are() -> None:
    """Not their digest, which no tolerance holds for; without one it counts."""
    one, other = examined(0.3, "one"), examined(0.1 + 0.2, "other")
    assert not diff(one, other).is_identical
    assert diff(one, other, rtol=1e-12).is_identical
    assert not diff(one, examined(0.4, "another"), rtol=1e-12).is_identical


def test_within_a_tolerance_an_analysis_is_what_its_epochs_are() -> None:
    """Not the digest of the object that holds them."""
    run = ith_run(walk(400), 0.1)

    def analysed(digest: str, *events: ev.Event) -> Any:
        held = ev.ObjectFingerprint(
            name="r", type="ithtel.commands.ith.result.Analysis", fingerprint=f"fp1:object:{sha(digest)}"
        )
        return Session().cell("r = analyze(nav)", *events, held, writes="r").log()

    one, other = (analysed(digest, *run.events) for digest in ("one", "other"))
    assert not diff(one, other).is_identical
    assert diff(one, other, rtol=1e-12).is_identical
    assert not diff(analysed("one"), analysed("other"), rtol=1e-12).is_identical


def test_outputs_are_compared_by_their_digest() -> None:
    """Outputs that only one session recorded are not compared."""

    def session(text: str | None) -> Any:
        shown = (
            [
                ev.CellOutput(
                    execution_count=1,
                    kind="stdout",
                    mime={"text/plain": ev.MimeContent(sha256=sha(text), size_bytes=1)},
                )
            ]
            if text is not None
            else []
        )
        return Session().cell("print(x)", *shown, reads="").log()

    assert "output" == diff(session("a"), session("b")).cells[0].departures[0].kind
    assert diff(session("a"), session(None)).is_identical


def test_texts_on_record_are_the_same_but_for_paths() -> None:
    """Every digit, long lines and other MIME types count."""
    assert diff(showing("at /tmp/a/x.csv: 0.1234567"), showing("at /home/b/x.csv: 0.1234567")).is_identical
    for one, other in (
        (showing("0.12345678"), showing("0.12345679")),
        (showing("x " * 400 + "1"), showing("x " * 400 + "2")),
        (showing("x\n" * 4_000 + "1"), showing("x\n" * 4_000 + "2")),
        (showing("<Figure>", image_png="1"), showing("<Figure>", image_png="2")),
    ):
        assert "output" == diff(one, other).cells[0].departures[0].kind


def test_a_number_in_hexadecimal_that_differs_is_a_departure() -> None:
    """What stands in the place of an address is none."""

    def printing(text: str) -> Any:
        display = CellDisplay()
        display.write("stdout", f"{text}\n")
        return Session().cell("print(x)", *display.events(1, with_text=True)).log()

    difference = diff(printing(hex(12345678)), printing(hex(12345679)))
    assert ("departs", "0xbc614e → 0xbc614f") == (
        difference.verdict.outcome, difference.cells[0].departures[0].detail,
    )  # fmt: skip
    assert diff(printing("<A object at 0x7f3a5c001d30>"), printing("<A object at 0x7f3a5c001e40>")).is_identical


def test_evidence_shows_what_differs() -> None:
    """With the digits that differ, the line that differs, and the field that only one session has."""

    def metrics(found: Any) -> Any:
        end = ev.AlgorithmResult(
            run_id="r", algorithm_name="f", final_metrics=found, output_hash=sha("o"), duration_ms=1.0
        )
        init = ev.AlgorithmInit(
            run_id="r", algorithm_name="f", version="1", random_seed=42, config={}, config_hash=sha("c"),
            input_hash=None,
        )  # fmt: skip
        return Session().cell("y = f()", init, end).log()

    for one, other, detail in (
        (metrics({"p": 1.0}), metrics({"p": 1.0 + 1e-9}), "metrics: p 1 → 1.000000001"),
        (metrics({"p": [1.0, 2.0]}), metrics({"p": [1.0, 2.0 + 1e-9]}), "metrics: p[1] 2 → 2.000000001"),
        (metrics({"p": None}), metrics({}), "metrics: p None → (nothing)"),
        (showing("same\n0.12345678"), showing("same\n0.12345679"), "0.12345678 → 0.12345679"),
        (Session().cell("x = 0.12345678").log(), Session().cell("x = 0.12345679").log(),
         "line 1: x = 0.12345678 → x = 0.12345679"),
        (Session().cell("x = 1").log(), Session().cell("x = 1\n").log(), "only the ends of lines differ"),
        (Session().cell("x = f('/a/b/c')").log(), Session().cell("x = f('/d/b/c')").log(),
         "line 1: x = f('…/c'), in another folder"),
    ):  # fmt: skip
        assert detail in [each.detail for cell in diff(one, other).cells for each in cell.departures]


@given(JSON, JSON)
def test_different_values_are_shown_differently(a: Any, b: Any) -> None:
    """Never by nothing, and never by two texts that are the same; equal ones not at all."""
    assert bool(_fields("", {"x": a}, {"x": b})) == (a != b)
    one, other = _apart(a, b)
    assert a == b or one != other
    assert all(each.strip() for each in (one, other))


@given(st.dictionaries(st.sampled_from("ab"), JSON), st.dictionaries(st.sampled_from("ab"), JSON))
def test_different_fields_are_described(a: dict[str, Any], b: dict[str, Any]) -> None:
    """Also a field that only one of the results has."""
    assert bool(_fields("", a, b)) == (a != b)


def examined(statistic: float, digest: str) -> Any:
    """Return a session with an examination, of which a digest and a statistic are recorded."""
    test = ev.HypothesisResult(
        hypothesis_id="h", test_name="t", statistic=statistic, p_value=0.5, effect_size=None, alpha=0.05, decision="no",
        subject="x", n_samples=9, n_dropped=0, input_hash=None, details=None, reason=None,
    )  # fmt: skip
    found = ev.ObjectFingerprint(
        name="found", type="ithtel.commands.examine.examine.Examination", fingerprint=f"fp1:object:{sha(digest)}"
    )
    init = ev.AlgorithmInit(
        run_id="r", algorithm_name="statistical_examination", version="1", random_seed=42, config={},
        config_hash=sha("c"), input_hash=None,
    )  # fmt: skip
    end = ev.AlgorithmResult(
        run_id="r", algorithm_name="statistical_examination", final_metrics={}, output_hash=sha(digest), duration_ms=1.0
    )
    return Session().cell("found = examine(nav)", init, test, end, found, writes="found").log()


def showing(text: str, **mime: str) -> Any:
    """Return a session whose only cell has an output, with its recorded text."""
    contents = {"text/plain": text} | {name.replace("_", "/"): content for name, content in mime.items()}
    digests = {name: ev.MimeContent(sha256=sha(content), size_bytes=1) for name, content in contents.items()}
    output = ev.CellOutput(execution_count=1, kind="result", mime=digests, text=text[:TEXT_BYTES])
    return Session().cell("show(x)", output).log()
