"""A value is traced back through a log alone."""

from __future__ import annotations

from typing import Any

import pytest

from factories import SHA, Writer, log_of, seed_set
from ithtel import events as ev
from ithtel.errors import InputError
from ithtel.reading.history.build import history
from ithtel.reading.lineage.lineage import Lineage, lineage
from ithtel.viewer.lineage import LineageView

FP = "fp1:sha256:" + SHA


def trace(writer: Writer, name: str) -> Lineage:
    """Return the lineage of a name in a written log."""
    return lineage(history(log_of(writer)), name)


def array(name: str, fingerprint: str = FP) -> ev.ArrayFingerprint:
    """Return the fingerprint of an array of three."""
    return ev.ArrayFingerprint(
        name=name, fingerprint=fingerprint, sha256=SHA, shape=[3], dtype="float64", range=None,
        checksum_first_10="0" * 16, n_nans=0, size_bytes=24,
    )  # fmt: skip


def session() -> Writer:
    """Return a session: imports, a seed, data, an aside, a result."""
    log = Writer().start()
    log.cell("import numpy as np", writes=["np"])
    log.cell("rng = %seed 42", seed_set(), writes=["rng"])
    log.cell("nav = load('nav.csv')", ev.FileRead(path="/d/nav.csv", sha256=SHA, size_bytes=1, mtime_ns=1),
             writes=["nav"])  # fmt: skip
    log.cell("aside = 1", writes=["aside"])
    log.cell("result = np.mean(nav) + rng.normal()", array("result"), reads=["nav", "np", "rng"], writes=["result"])
    return log


def test_a_value_is_traced_to_what_it_came_from() -> None:
    """The cells it depends on, in the order in which they ran; imports and asides are none of them."""
    found = trace(session(), "result")
    assert ["[2]", "[3]", "[5]"] == [step.label for step in found.steps]
    assert [("nav", 3), ("rng", 2)] == [(use.name, use.place) for use in found.steps[-1].uses]
    assert FP == found.then
    assert "float64[3]" == found.kind


def test_the_text_is_short() -> None:
    """There is one line per step with its inputs, and the fingerprints."""
    assert (
        "result float64[3] · made by [5]\n"
        "  [2] rng = %seed 42                                        → rng\n"
        "      seed 42\n"
        "  [3] nav = load('nav.csv')                                 → nav\n"
        "      reads nav.csv\n"
        "  [5] result = np.mean(nav) + rng.normal()                  nav, rng → result\n"
        "fingerprint abababababab then, the same now"
    ) == trace(session(), "result").with_value_now(FP).text()


def test_draws_are_told_with_their_seed() -> None:
    """Which stream, and the seed that was set last by then."""
    log = Writer().start().cell("rng = %seed 42", seed_set(), writes=["rng"])
    log.cell("x = rng.normal()", reads=["rng"], writes=["x"])
    text = log.lines[-1].replace(b'"rng_used":[]', b'"rng_used":["numpy:rng"]')
    log.lines[-1] = text
    assert "draws from numpy:rng (seed 42)" in trace(log, "x").text()


@pytest.mark.parametrize(
    ("entropy", "said"), [("42", "seed 42"), (str(3**80), "no recorded seed"), (None, "no recorded seed")]
)
def test_a_generator_that_was_made_of_a_seed_is_told_with_it(entropy: str | None, said: str) -> None:
    """The seed of `default_rng(42)` is recorded; entropy from the operating system is not a seed."""
    state = ev.RngState(stream="numpy:rng", bit_generator="PCG64", state_sha256=SHA, entropy=entropy)
    log = Writer().start().cell("rng = make()", writes=["rng"])
    log.cell("x = rng.normal()", state, state, reads=["rng"], writes=["x"])
    log.lines[-1] = log.lines[-1].replace(b'"rng_used":[]', b'"rng_used":["numpy:rng"]')
    assert f"draws from numpy:rng ({said})" in trace(log, "x").text()


def test_each_stream_has_its_own_seed() -> None:
    """One that was made of another seed than `%seed` set, the global one that NumPy seeded, one of no seed."""
    states = [
        ev.RngState(stream=stream, bit_generator="PCG64", state_sha256=SHA, entropy=entropy)
        for stream, entropy in (("numpy:a", "7"), ("numpy:b", None), ("numpy.legacy", None), ("python", None))
    ]
    log = Writer().start().cell("rng = %seed 42", seed_set(), writes=["rng"]).cell("np.random.seed(5)")
    log.cell("x = draw()", *states, *states, writes=["x"])
    used = b'"rng_used":["numpy:a","numpy:b","numpy.legacy","python"]'
    log.lines[-1] = log.lines[-1].replace(b'"rng_used":[]', used)
    assert {"numpy:a": 7, "numpy:b": None, "numpy.legacy": 5, "python": 42} == trace(log, "x").steps[-1].draws


def test_the_last_cell_that_changed_a_value_made_it() -> None:
    """Changes in place count too; the earlier value is one of its sources."""
    log = Writer().start().cell("v = [1]", writes=["v"]).cell("v.append(2)", reads=["v"])
    log.lines[-1] = log.lines[-1].replace(b'"mutates":[]', b'"mutates":["v"]')
    found = trace(log, "v")
    assert "[2]" == found.steps[-1].label
    assert ["[1]", "[2]"] == [step.label for step in found.steps]


def test_a_value_that_is_bound_again_forgets_its_past() -> None:
    """Only the last counts."""
    log = Writer().start().cell("x = 1", writes=["x"]).cell("x = 2", writes=["x"])
    assert ["[2]"] == [step.label for step in trace(log, "x").steps]


def test_a_value_that_was_deleted_has_its_past() -> None:
    """And the cell that deleted it, until it is bound again."""
    log = session().cell("del result")
    log.lines[-1] = log.lines[-1].replace(b'"deletes":[]', b'"deletes":["result"]')
    found = trace(log, "result")
    assert ["[2]", "[3]", "[5]"] == [step.label for step in found.steps if step.label != "[1]"]
    assert found.text().startswith("result float64[3] · made by [5], deleted by [6]\n")
    assert "made by [7]\n" in trace(log.cell("result = 1", writes=["result"]), "result").text()


def test_a_loop_of_uses_ends() -> None:
    """A cell that uses its own result leads back one run at a time."""
    log = Writer().start().cell("x = 1", writes=["x"])
    for _ in range(3):
        log.cell("x = x + 1", reads=["x"], writes=["x"])
    assert ["[1]", "[2]", "[3]", "[4]"] == [step.label for step in trace(log, "x").steps]


def test_what_no_cell_made_is_said() -> None:
    """Used but made by none; or not there at all."""
    log = Writer().start().cell("y = given", reads=["given"], writes=["y"])
    assert "given · made by no recorded cell\nno fingerprint was recorded" == trace(log, "given").text()
    assert (None,) == tuple(use.place for use in trace(log, "y").steps[-1].uses)
    with pytest.raises(InputError, match=r"no recorded cell made 'givn' \(did you mean 'given'\?\)"):
        trace(log, "givn")


@pytest.mark.parametrize(
    ("now", "said"),
    [(FP, "the same now"), ("fp1:sha256:" + "0" * 64, "then, 000000000000 now"), (None, "fingerprint abababababab")],
)
def test_a_value_that_is_another_now(now: str | None, said: str) -> None:
    """Then and now."""
    assert said in trace(session(), "result").with_value_now(now).text()


def test_the_graph_is_the_same_each_time() -> None:
    """SVG without ids, dates, addresses; in the bundle only when asked for."""
    view = LineageView(trace(session(), "result"), graph=True)
    bundle: dict[str, Any] = view._repr_mimebundle_()
    assert {"text/plain", "image/svg+xml"} == bundle.keys()
    assert bundle == LineageView(trace(session(), "result"), graph=True)._repr_mimebundle_()
    assert {"text/plain"} == LineageView(trace(session(), "result"))._repr_mimebundle_().keys()


def test_the_graph_is_well_formed() -> None:
    """Any source text gives valid markup."""
    from xml.etree import ElementTree as ET

    log = Writer().start().cell("a = '<b>&\"'", writes=["a"]).cell("b = a", reads=["a"], writes=["b"])
    root = ET.fromstring(LineageView(trace(log, "b"), graph=True).svg())  # noqa: S314 - our own
    said = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "[1] a = '<b>&\"'" in said
    assert 1 == len(list(root.iter("{http://www.w3.org/2000/svg}path")))


def test_of_a_cell_the_line_is_shown_that_made_the_value() -> None:
    """Not its first line."""
    log = Writer().start().cell("import math\ntotal = 1\ndef f(): pass\nother = 2", writes=["f", "total", "other"])
    assert "total = 1" == trace(log, "total").steps[0].source
    assert "def f(): pass" == trace(log, "f").steps[0].source
