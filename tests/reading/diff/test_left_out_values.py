"""Values that differ in every run are the roots of what is computed from them."""

from __future__ import annotations

from ithtel.reading.diff.diff import diff
from ithtel.reading.history.values import Execution, History, Value


def value(of: object, **volatile: int) -> Value:
    """Return a value; with volatile parts, its digest without them is the same in every run."""
    return Value(
        kind="object",
        type="float",
        fingerprint=f"fp1:{of}",
        stable="fp1:stable" if volatile else None,
        volatile=volatile,
    )


def session(*results: tuple[object, object]) -> tuple[History, History]:
    """Return two runs of: `t` reads a clock, `u` is made from it, `n` from `u`; each result in both runs."""
    runs = []
    for side in (0, 1):
        made = [
            Execution(place=1, source="t = started()", writes=["t"], values={"t": value(side, **{"time of day": 1})})
        ]
        for name, read, result in zip("un", "tu", (pair[side] for pair in results), strict=True):
            volatile = {"time of day": 1} if result == "now" else {}
            found = value(f"{side}" if result == "now" else result, **volatile)
            made.append(
                Execution(
                    place=len(made) + 1, source=f"{name} = f({read})", reads=[read], writes=[name], values={name: found}
                )
            )
        runs.append(History(name="demo", executions=made))
    return runs[0], runs[1]


def test_a_value_that_is_used_no_further_is_no_departure() -> None:
    """It is only named."""
    found = diff(*session(("now", "now"), (7, 7)))
    assert found.is_identical
    assert "not compared: the time of day in [1], [2]" in found.text()


def test_what_is_computed_from_it_departs_where_it_began() -> None:
    """The root is the cell that read the clock, not the first that departs; both others follow or are named."""
    found = diff(*session(("now", "now"), (7, 8)))
    (root,) = found.verdict.roots
    assert ("[1]", "clock_or_hash_order", ["t"], ["[3]"]) == (root.label, root.cause, root.names, root.follows)
    assert "t holds the time of day: it differs in every run and was not compared" in root.evidence


def test_a_name_that_is_bound_again_is_forgotten() -> None:
    """What is computed from its new value has another cause."""
    a, b = session((5, 5), (7, 8))
    (root,) = diff(a, b).verdict.roots
    assert ("[3]", "unknown") == (root.label, root.cause)
