"""Each departure gets the class of its cause, with evidence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ithtel import events as ev
from ithtel.provenance.cell_text.seeds_and_imports import DROPPED
from ithtel.reading.diff.diff import diff
from research import (
    Session,
    drawn_globally,
    one_cell,
    only,
    read,
    research,
    roots,
    sha,
    simple,
    state,
    value,
    with_package,
)


def test_a_seed_is_found() -> None:
    """Though the text of its cell differs, too: it is the seed only that does."""
    root = only(diff(research().log(), research(seed=43, noise=0.25).log()))
    assert ("[3]", "seed_changed") == (root.label, root.cause)
    assert ["[5]", "[6]"] == root.follows


def test_changed_code_is_found() -> None:
    """With the line that differs."""
    a = simple(("a = 1", 1.0), ("b = a + 1", 2.0), ("c = b", 2.0))
    b = simple(("a = 1", 1.0), ("b = a + 2", 3.0), ("c = b", 3.0))
    root = only(diff(a, b))
    assert ("[2]", "code_changed", ["[3]"]) == (root.label, root.cause, root.follows)
    assert ["line 1: b = a + 1 → b = a + 2"] == root.evidence


def test_a_generator_without_a_seed_is_found() -> None:
    """The cause is at the cell that made it."""
    root = only(diff(unseeded(2**127 + 1, 0.1), unseeded(2**126 + 5, 0.2)))
    assert ("[2]", "unseeded_rng", ["numpy:rng"], ["[3]"]) == (root.label, root.cause, root.names, root.follows)


def test_the_global_stream_without_a_seed_is_found() -> None:
    """The cause is at the cell that used it, not at the start of the session."""
    root = only(diff(drawn_globally("one", 0.1), drawn_globally("other", 0.2)))
    assert ("[1]", "unseeded_rng", ["python"]) == (root.label, root.cause, root.names)


def test_a_warning_without_words_is_evidence() -> None:
    """No line of evidence is empty."""
    warned = ev.Hazard(kind="clock", detail="", names=[], execution_count=1)
    a, b = (Session().cell("y = f()", warned, value("y", of), writes="y").log() for of in (1.0, 2.0))
    root = only(diff(a, b))
    assert ("clock_or_hash_order", ["a warning of clock"]) == (root.cause, root.evidence)


def contact(target: str = "https://api.org/v1", kind: str = "host", owner: str = "requests.get") -> ev.ExternalContact:
    return ev.ExternalContact(execution_count=1, kind=kind, target=target, owner=owner, count=1)


def asking(held: float, *contacts: ev.ExternalContact, names: str = "y") -> Any:
    """Return a session of one cell that asks outside, and reads a name that no recorded cell made."""
    return Session().cell("y = ask(url)", *contacts, value("y", held), reads="url", writes=names).log()


@pytest.mark.parametrize(
    ("a", "b", "names", "evidence"),
    [
        ([contact()], [contact()], ["https://api.org/v1"],
         ["requests.get talked to https://api.org/v1, and its answer is not recorded"]),
        ([contact()], [], ["https://api.org/v1"],
         ["requests.get talked to https://api.org/v1 in the first session only"]),
        ([], [contact("git log", "program", "the cell")], ["git log"],
         ["the cell ran git log in the second session only"]),
        ([contact("", "host", "")], [contact("", "host", "")], ["host"],
         ["the cell talked to something outside, and its answer is not recorded"]),
    ],
)  # fmt: skip
def test_another_answer_from_outside_is_found(
    a: list[ev.ExternalContact], b: list[ev.ExternalContact], names: list[str], evidence: list[str]
) -> None:
    """It goes before hidden state, and names who was asked."""
    root = only(diff(asking(1.0, *a), asking(2.0, *b)))
    assert ("[1]", "external_changed", names, evidence) == (root.label, root.cause, root.names, root.evidence)


def test_a_changed_package_goes_before_the_outside() -> None:
    """It is proved to differ; the answer may not."""
    a, b = with_package("1.0", 2.0, contact()), with_package("1.1", 3.0, contact())
    assert "package_changed" == only(diff(a, b)).cause


def test_a_changed_file_goes_before_the_outside() -> None:
    """A file that an SQLite database lies in is recorded, with its digest."""
    made = [
        Session().cell("y = f()", read("p.db", content), contact("p.db", "database"), value("y", content), writes="y")
        for content in "ab"
    ]
    assert "input_changed" == only(diff(made[0].log(), made[1].log())).cause


def test_a_missing_program_is_outside() -> None:
    """Its error is that of a missing file."""
    error = ev.CellError(
        ename="FileNotFoundError", evalue="[Errno 2] No such file or directory: 'ffmpeg'", traceback=[]
    )
    ran = contact("ffmpeg -i a.mp4", "program", "subprocess.run")
    a = Session().cell("y = run()", ran, writes="y").log()
    b = Session().cell("y = run()", ran, status="error", error=error).log()
    assert "external_changed" == only(diff(a, b)).cause


def test_another_version_of_a_package_is_found() -> None:
    """At the cell whose result it changed."""
    root = only(diff(with_package("1.0", 2.0), with_package("1.1", 3.0)))
    assert ("[2]", "package_changed", ["smallpkg"]) == (root.label, root.cause, root.names)
    assert ["smallpkg 1.0 → 1.1"] == root.evidence


@pytest.mark.parametrize(
    ("detail", "version", "cause"),
    [
        (f"smallpkg.f {DROPPED}", "1.1", "package_changed"),
        (f"smallpkg.f {DROPPED}", "1.0", "unseeded_rng"),
        ("a generator of smallpkg, which no seed of the notebook reaches, was drawn from", "1.1", "unseeded_rng"),
    ],
)
def test_a_suspicion_gives_way_to_what_is_known(detail: str, version: str, cause: str) -> None:
    """It is unknown whether a discarded generator was used, but known that a package changed."""
    hazard = ev.Hazard(kind="unseeded_rng", detail=detail, names=["smallpkg.f"], execution_count=2)
    difference = diff(with_package("1.0", 2.0, hazard), with_package(version, 3.0, hazard))
    assert ("[2]", cause) == (only(difference).label, only(difference).cause)


@pytest.mark.parametrize(
    ("source", "a", "b", "cause"),
    [
        ("y = f()", {"python": "CPython 3.11.7"}, {"python": "CPython 3.12.1"}, "python_changed"),
        ("y = f()", {"environment": {"OMP_X": "1"}}, {"environment": {"OMP_X": "2"}}, "environment_changed"),
        ("y = f()", {"timezone": "UTC"}, {"timezone": "Asia/Tokyo"}, "environment_changed"),
        ("y = list({'a', 'b'})", {}, {}, "clock_or_hash_order"),
        ("y = time.time()", {"hash_seed": "0"}, {"hash_seed": "0"}, "clock_or_hash_order"),
        ("y = f()", {}, {}, "unknown"),
    ],
)
def test_what_lies_around_the_cell_is_found(source: str, a: dict[str, Any], b: dict[str, Any], cause: str) -> None:
    """Differences around the cell count if nothing in the cell explains the departure."""
    assert cause == only(diff(one_cell(source, 1.0, **a), one_cell(source, 2.0, **b))).cause


def test_another_number_of_threads_is_found() -> None:
    """As the record of the environment says it."""

    def session(n: int, held: float) -> Any:
        changed = ev.EnvironmentChanged(packages={}, threads={"numba": n})
        return Session().cell("y = f()", changed, value("y", held), writes="y").log()

    assert "threads_changed" == only(diff(session(1, 1.0), session(2, 2.0))).cause


def test_a_value_from_nowhere_is_found() -> None:
    """A cell read a name that no cell of the record has made."""

    def session(held: float) -> Any:
        return Session().cell("y = factor * 2", value("y", held), reads="factor", writes="y").log()

    root = only(diff(session(2.0), session(4.0)))
    assert ("hidden_state", ["factor"]) == (root.cause, root.names)


def test_a_value_from_nowhere_that_is_missing_now_is_found() -> None:
    """As the NameError of the replay says."""
    error = ev.CellError(ename="NameError", evalue="name 'factor' is not defined", traceback=[])
    a = Session().cell("y = factor * 2", value("y", 2.0), writes="y").log()
    b = Session().cell("y = factor * 2", status="error", error=error).log()
    root = only(diff(a, b))
    assert ("hidden_state", ["factor"]) == (root.cause, root.names)


@pytest.mark.parametrize(
    ("ename", "evalue", "expected"),
    [
        ("ModuleNotFoundError", "No module named 'arch'", ("package_changed", ["arch"])),
        ("FileNotFoundError", "[Errno 2] No such file or directory: 'nav.csv'", ("input_changed", ["nav.csv"])),
    ],
)
def test_what_is_missing_now_is_found(ename: str, evalue: str, expected: tuple[str, list[str]]) -> None:
    """A package or a file that only the second session lacks, as its error says."""
    error = ev.CellError(ename=ename, evalue=evalue, traceback=[])
    a = Session().cell("y = read()", value("y", 2.0), writes="y").log()
    b = Session().cell("y = read()", status="error", error=error).log()
    root = only(diff(a, b))
    assert expected == (root.cause, root.names)


def test_last_bits_are_numerics() -> None:
    """All inputs are equal, sketches within rounding."""
    root = only(diff(one_cell("y = x.sum()", 0.3), one_cell("y = x.sum()", 0.1 + 0.2)))
    assert "numerics" == root.cause


def test_a_seed_in_a_cell_that_was_edited_is_no_unseeded_generator() -> None:
    """This holds also if neither source nor entropy is recorded, as in a baseline."""
    a, b = (
        Session().cell(None, state("numpy:rng", f"seed {seed}"), writes="rng", source_sha256=sha(f"seed {seed}"))
        for seed in (42, 43)
    )
    assert [("[1]", "code_changed", ["source", "numpy:rng"])] == roots(diff(a.log(), b.log()))


def test_another_number_of_draws_in_a_cell_that_was_edited_is_its_code() -> None:
    """The generator is seeded, and with the same seed."""
    a, b = (
        Session().cell(
            f"rng = np.random.default_rng(42)\nrng.normal(size={n})", state("numpy:rng", f"after {n}", 42), writes="rng"
        )
        for n in (1, 2)
    )
    assert [("[1]", "code_changed", ["source", "numpy:rng"])] == roots(diff(a.log(), b.log()))


def unseeded(entropy: int, drawn: float) -> Any:
    session = Session().cell("import numpy as np", writes="np")
    session.cell("rng = np.random.default_rng()", state("numpy:rng", f"{entropy}", entropy), reads="np", writes="rng")
    used = (state("numpy:rng", f"{entropy}", entropy), state("numpy:rng", f"{entropy} used", entropy))
    session.cell("x = rng.normal(size=3)", *used, value("x", np.full(3, drawn)), reads="rng", writes="x")
    return session.log()


@pytest.mark.parametrize(("numbers", "cause"), [(["5", "5"], "package_changed"), (["5", "6"], "unseeded_rng")])
def test_a_generator_that_got_the_same_seed_in_both_is_no_cause(numbers: list[str], cause: str) -> None:
    """As in a replay, which gives recorded seeds back."""
    sides = [
        with_package(
            version, held,
            ev.EntropyRequest(
                execution_count=2, source="numpy", owner="f", n_requests=1, n_bits=128, numbers=[number]
            ),
            ev.Hazard(kind="unseeded_rng", detail="drawn from unseeded f", names=["f"], execution_count=2),
        )
        for version, held, number in zip(("1.0", "1.1"), (2.0, 3.0), numbers, strict=True)
    ]  # fmt: skip
    assert cause == only(diff(*sides)).cause


@pytest.mark.parametrize(("source", "cause"), [("y = str(uuid.uuid4())", "unseeded_rng"), ("y = f()", "unseeded_rng")])
def test_a_uuid_is_random(source: str, cause: str) -> None:
    """In the cell or in code that it calls."""
    sides = [
        Session()
        .cell(
            source,
            ev.EntropyRequest(
                execution_count=1, source="uuid", owner="the cell", n_requests=1, n_bits=128, numbers=[str(held)]
            ),
            value("y", np.full(40, held)),
            writes="y",
        )
        .log()
        for held in (1.0, 2.0)
    ]
    assert cause == only(diff(*sides)).cause
