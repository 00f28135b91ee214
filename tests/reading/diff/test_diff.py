"""Two sessions compared: nothing where nothing differs, else the right cell, name and class."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import Writer, ith_run, log_of, quickstart, walk
from ithtel import events as ev
from ithtel.errors import InputError, LogError
from ithtel.events.notebook import TEXT_BYTES
from ithtel.provenance.cell_text.seeds_and_imports import DROPPED
from ithtel.provenance.fingerprint import fingerprint
from ithtel.reading.diff.diff import diff

if TYPE_CHECKING:
    from ithtel.reading.diff.verdict import Difference, Root

NAV = np.array([100.0, 101.5, 99.0, 103.0])


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def module(content: str) -> ev.ModuleLoaded:
    return ev.ModuleLoaded(name="local_model", path="/home/u/local_model.py", sha256=sha(content))


def read(path: str, content: str) -> ev.FileRead:
    return ev.FileRead(path=path, sha256=sha(content), size_bytes=3, mtime_ns=1)


def wrote(path: str, content: str) -> ev.FileWrite:
    return ev.FileWrite(path=path, sha256=sha(content), size_bytes=3, mtime_ns=1)


def state(stream: str, where: str, entropy: int | None = None) -> ev.RngState:
    return ev.RngState(
        stream=stream, bit_generator="PCG64", state_sha256=sha(where), entropy=None if entropy is None else str(entropy)
    )


def value(name: str, of: object) -> ev.Event:
    return fingerprint(of, name)


class Session:
    """Writes a session of cells in the way the extension would."""

    def __init__(self, **start: Any) -> None:
        self.writer = Writer().start(**start)

    def cell(self, source: str | None, *inside: ev.Event, reads: str = "", writes: str = "", **more: Any) -> Session:
        self.writer.cell(source, *inside, reads=reads.split(), writes=writes.split(), **more)
        return self

    def log(self) -> Any:
        return log_of(self.writer.end())


def research(
    csv: str = "1",
    nav: np.ndarray = NAV,
    code: str = "def f(x): return 2 * x",
    seed: int = 42,
    factor: float = 2.0,
    noise: float = 0.5,
    **start: Any,
) -> Session:
    """A small session: data, a module, a seed, what comes of each, and a cell that needs none of them."""
    session = Session(**start)
    session.cell("import pandas as pd\nimport local_model", module(code), writes="pd local_model")
    session.cell(
        'nav = pd.read_csv("nav.csv")["NAV"]', read("nav.csv", csv), value("nav", nav), reads="pd", writes="nav"
    )
    after = state("numpy:rng", f"seed {seed}", seed)
    session.cell(f"rng = np.random.default_rng({seed})", after, writes="rng")
    session.cell("scaled = local_model.f(nav)", value("scaled", nav * factor), reads="local_model nav", writes="scaled")
    noisy = np.full(4, noise)
    used = (state("numpy:rng", f"seed {seed}", seed), state("numpy:rng", f"used {seed}", seed))
    session.cell("noise = rng.normal(size=4)", *used, value("noise", noisy), reads="rng", writes="noise")
    session.cell("both = scaled + noise", value("both", nav * factor + noisy), reads="noise scaled", writes="both")
    return session.cell("alone = 1", value("alone", 1), writes="alone")


def roots(difference: Difference) -> list[tuple[str, str, list[str]]]:
    return [(root.label, root.cause, root.names) for root in difference.verdict.roots]


def only(difference: Difference) -> Root:
    assert 1 == len(difference.verdict.roots), difference.text()
    return difference.verdict.roots[0]


def test_a_session_does_not_differ_from_itself() -> None:
    """diff(a, a) is empty."""
    difference = diff(research().log(), research().log())
    assert difference.is_empty
    assert "identical: 7 cells" == difference.text()


def test_nothing_that_differs_between_any_two_runs_counts() -> None:
    """Session, process, times and ids."""
    one, other = quickstart(), quickstart(session_id="sess_20270101_000000_000000", pid=7, start=2e9)
    assert diff(log_of(one), log_of(other)).is_empty


def test_a_value_of_the_input_is_found() -> None:
    """At the cell that read it; what follows is told apart from what does not."""
    changed = np.array([100.0, 101.5, 99.5, 103.0])
    root = only(diff(research().log(), research(csv="2", nav=changed).log()))
    assert ("[2]", "input_changed", ["nav.csv"]) == (root.label, root.cause, root.names)
    assert ["[4]", "[6]"] == root.follows


def test_a_line_of_a_module_is_found() -> None:
    """At the cell that imported it."""
    root = only(diff(research().log(), research(code="def f(x): return 3 * x", factor=3.0).log()))
    assert ("[1]", "module_changed", ["local_model"]) == (root.label, root.cause, root.names)
    assert ["[4]", "[6]"] == root.follows


def test_a_seed_is_found() -> None:
    """Though the text of its cell differs, too: it is the seed only that does."""
    root = only(diff(research().log(), research(seed=43, noise=0.25).log()))
    assert ("[3]", "seed_changed") == (root.label, root.cause)
    assert ["[5]", "[6]"] == root.follows


def test_two_planted_changes_are_both_found() -> None:
    """Each as a root of its own; what follows from both is listed with both."""
    difference = diff(research().log(), research(code="other", factor=3.0, seed=43, noise=0.25).log())
    assert [("[1]", "module_changed"), ("[3]", "seed_changed")] == [found[:2] for found in roots(difference)]
    assert [["[4]", "[6]"], ["[5]", "[6]"]] == [root.follows for root in difference.verdict.roots]


def simple(*cells: tuple[str, float], **start: Any) -> Any:
    """A session of cells `name = …`, each with its value."""
    session = Session(**start)
    for source, held in cells:
        name = source.partition(" ")[0]
        session.cell(source, value(name, np.array([held])), reads=" ".join(set("abc") & set(source[3:])), writes=name)
    return session.log()


def test_changed_code_is_found() -> None:
    """With the line that differs."""
    a = simple(("a = 1", 1.0), ("b = a + 1", 2.0), ("c = b", 2.0))
    b = simple(("a = 1", 1.0), ("b = a + 2", 3.0), ("c = b", 3.0))
    root = only(diff(a, b))
    assert ("[2]", "code_changed", ["[3]"]) == (root.label, root.cause, root.follows)
    assert ["line 1: b = a + 1 → b = a + 2"] == root.evidence


def test_a_swapped_pair_is_found() -> None:
    """As another order, not as changed code."""
    a = simple(("a = 1", 1.0), ("b = 5", 5.0), ("a = 2", 2.0), ("c = a", 2.0))
    b = simple(("a = 2", 2.0), ("b = 5", 5.0), ("a = 1", 1.0), ("c = a", 1.0))
    assert {"order_changed"} == {cause for _, cause, _ in roots(diff(a, b))}


def test_an_inserted_cell_does_not_shift_the_others() -> None:
    """It is a departure itself, and the only one."""
    a = simple(("a = 1", 1.0), ("c = a", 1.0))
    b = simple(("a = 1", 1.0), ("b = 7", 7.0), ("c = a", 1.0))
    root = only(diff(a, b))
    assert ("code_changed", []) == (root.cause, root.follows)
    assert 2 == diff(a, b).verdict.n_same


def test_a_cell_that_was_run_again_is_another_order() -> None:
    """What it changed the second time follows from it."""
    a = simple(("a = 1", 1.0), ("a += 1", 2.0), ("c = a", 2.0))
    b = simple(("a = 1", 1.0), ("a += 1", 2.0), ("a += 1", 3.0), ("c = a", 3.0))
    root = only(diff(a, b))
    assert ("order_changed", ["re-run"], ["[3]"]) == (root.cause, root.names, root.follows)


def test_cells_that_only_look_are_no_difference() -> None:
    """`%timeline` and comments."""
    a = Session().cell("a = 1", writes="a").log()
    b = Session().cell("%timeline").cell("a = 1", writes="a").cell("# that was it").log()
    assert diff(a, b).is_identical


def unseeded(entropy: int, drawn: float) -> Any:
    session = Session().cell("import numpy as np", writes="np")
    session.cell("rng = np.random.default_rng()", state("numpy:rng", f"{entropy}", entropy), reads="np", writes="rng")
    used = (state("numpy:rng", f"{entropy}", entropy), state("numpy:rng", f"{entropy} used", entropy))
    session.cell("x = rng.normal(size=3)", *used, value("x", np.full(3, drawn)), reads="rng", writes="x")
    return session.log()


def test_a_generator_without_a_seed_is_found() -> None:
    """Where it is made."""
    root = only(diff(unseeded(2**127 + 1, 0.1), unseeded(2**126 + 5, 0.2)))
    assert ("[2]", "unseeded_rng", ["numpy:rng"], ["[3]"]) == (root.label, root.cause, root.names, root.follows)


def drawn_globally(start: str, held: float, *, seed: int | None = None) -> Any:
    session = Session()
    if seed is not None:
        session.cell(f"random.seed({seed})", state("python", start), state("python", f"seed {seed}"), reads="random")
        start = f"seed {seed}"
    session.cell(
        "x = random.random()", state("python", start), state("python", start + "'"), value("x", held), writes="x"
    )
    return session.log()


def test_the_global_stream_without_a_seed_is_found() -> None:
    """Where it was used, not where the session began."""
    root = only(diff(drawn_globally("one", 0.1), drawn_globally("other", 0.2)))
    assert ("[1]", "unseeded_rng", ["python"]) == (root.label, root.cause, root.names)


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


def with_package(version: str, held: float, *inside: ev.Event) -> Any:
    session = Session()
    session.cell(
        "import smallpkg\nimport numpy as np",
        ev.EnvironmentChanged(packages={"smallpkg": version, "numpy": "2.0"}, threads={}),
        writes="smallpkg np",
    )
    return session.cell("y = smallpkg.f(2)", *inside, value("y", held), reads="smallpkg", writes="y").log()


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
    """Whether a generator that was made and dropped was drawn from, is unknown; that a package differs is known."""
    hazard = ev.Hazard(kind="unseeded_rng", detail=detail, names=["smallpkg.f"], execution_count=2)
    difference = diff(with_package("1.0", 2.0, hazard), with_package(version, 3.0, hazard))
    assert ("[2]", cause) == (only(difference).label, only(difference).cause)


def test_another_version_that_changes_nothing_is_a_note() -> None:
    """Identical, and not empty."""
    difference = diff(with_package("1.0", 2.0), with_package("1.1", 2.0))
    assert difference.is_identical
    assert not difference.is_empty
    assert "note: package smallpkg 1.0 → 1.1: no cell differs because of it" in difference.text()


def one_cell(source: str, held: float, **start: Any) -> Any:
    return Session(**start).cell(source, value("y", np.full(40, held)), writes="y").log()


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
    """Where nothing in the cell explains it."""
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


def test_last_bits_are_numerics() -> None:
    """All inputs are equal, sketches within rounding."""
    root = only(diff(one_cell("y = x.sum()", 0.3), one_cell("y = x.sum()", 0.1 + 0.2)))
    assert "numerics" == root.cause


def test_within_a_tolerance_values_are_equal() -> None:
    """Sketches are compared where contents were not kept."""
    a, b = one_cell("y = x.sum()", 0.3), one_cell("y = x.sum()", 0.1 + 0.2)
    assert diff(a, b, rtol=1e-12).is_identical
    assert not diff(a, one_cell("y = x.sum()", 0.4), rtol=1e-12).is_identical


def test_kept_contents_say_which_element() -> None:
    """And by how much."""
    one, other = np.arange(100.0), np.arange(100.0)
    other[57] = 0.5
    kept = {hashlib.sha256(each.tobytes()).hexdigest(): each.tobytes() for each in (one, other)}
    a, b = (Session().cell("y = f()", value("y", each), writes="y").log() for each in (one, other))
    difference = diff(a, b, contents=kept.get)
    assert (
        "float64[100] first differs at element 57: 57 → 0.5, 1 of 100 differ"
        == difference.cells[0].departures[0].detail
    )
    assert "values not kept" not in difference.text()
    assert "note: values not kept: y" in diff(a, b).text()


def test_the_column_that_differs_is_named() -> None:
    """Of a table."""
    frames = [pd.DataFrame({"Close": [1.0, 2.0], "Volume": [5, volume]}) for volume in (6, 7)]
    a, b = (Session().cell("df = g()", value("df", frame), writes="df").log() for frame in frames)
    assert ["df.Volume"] == [each.name for each in diff(a, b).cells[0].departures]


def test_a_table_read_from_a_record_differs_in_no_identity() -> None:
    """Every session has its own."""
    frames = [pd.DataFrame({"session_id": [name], "n_epochs": [4]}) for name in ("sess_1", "sess_2")]
    a, b = (Session().cell("df = g()", value("df", frame), writes="df").log() for frame in frames)
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


def examined(statistic: float, digest: str) -> Any:
    """Return a session with an examination: what it holds as a whole has a digest, its statistic is recorded."""
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
    """What only one of them recorded is not compared."""

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


def showing(text: str, **mime: str) -> Any:
    """Return a session whose only cell showed something; its text is recorded as far as it would be."""
    contents = {"text/plain": text} | {name.replace("_", "/"): content for name, content in mime.items()}
    digests = {name: ev.MimeContent(sha256=sha(content), size_bytes=1) for name, content in contents.items()}
    output = ev.CellOutput(execution_count=1, kind="result", mime=digests, text=text[:TEXT_BYTES])
    return Session().cell("show(x)", output).log()


def test_texts_on_record_are_the_same_but_for_paths() -> None:
    """To the last digit, to the end of a long line, and the rest of what was shown counts too."""
    assert diff(showing("at /tmp/a/x.csv: 0.1234567"), showing("at /home/b/x.csv: 0.1234567")).is_identical
    for one, other in (
        (showing("0.12345678"), showing("0.12345679")),
        (showing("x " * 400 + "1"), showing("x " * 400 + "2")),
        (showing("x\n" * 4_000 + "1"), showing("x\n" * 4_000 + "2")),
        (showing("<Figure>", image_png="1"), showing("<Figure>", image_png="2")),
    ):
        assert "output" == diff(one, other).cells[0].departures[0].kind


def test_a_file_written_by_the_session_follows_from_what_it_was_written_from() -> None:
    """It is not a changed input."""

    def session(code: str, held: str) -> Any:
        made = Session().cell(code, wrote("out.csv", held))
        return made.cell("x = read('out.csv')", read("out.csv", held), value("x", held), writes="x").log()

    root = only(diff(session("write(1)", "1"), session("write(2)", "2")))
    assert ("code_changed", ["[2]"]) == (root.cause, root.follows)


def test_what_is_made_anew_is_clean_again() -> None:
    """A later departure of another cause does not follow from an earlier one that was overwritten."""
    a = simple(("a = 1", 1.0), ("a = 5", 5.0), ("b = a", 5.0))
    b = simple(("a = 2", 2.0), ("a = 5", 5.0), ("b = a", 6.0))
    assert [("[1]", "code_changed"), ("[3]", "unknown")] == [found[:2] for found in roots(diff(a, b))]


def test_an_unfinished_record_is_compared_as_far_as_it_goes() -> None:
    """A killed kernel's last cell by its source only."""
    writer = Writer().start().cell("a = 1", writes=["a"]).cell("b = 2", status=None)
    other = Writer().start().cell("a = 1", writes=["a"]).cell("b = 2", value("b", 2), writes=["b"]).end()
    difference = diff(log_of(writer), log_of(other))
    assert difference.is_identical
    assert "ends inside a cell" in difference.text()


def test_a_session_so_far_lacks_nothing() -> None:
    """`%ithtel changed`: what has not run yet does not count as a departure."""
    a = simple(("a = 1", 1.0), ("b = 2", 2.0), ("c = 3", 3.0))
    assert diff(a, simple(("a = 1", 1.0), ("b = 2", 2.0)), is_partial=True).is_identical


def test_paths_count_from_the_working_directory() -> None:
    """The same project elsewhere is the same project."""
    a, b = (
        Session(cwd=cwd).cell("x = f()", read(f"{cwd}/data/nav.csv", "1"), writes="x").log()
        for cwd in ("/home/ann/p", "/tmp/copy")  # noqa: S108 - a name only
    )
    assert diff(a, b).is_empty


def test_a_negative_tolerance_is_refused() -> None:
    """The error names the allowed values."""
    with pytest.raises(InputError, match="must be at least 0, got rtol=-1"):
        diff(research().log(), research().log(), rtol=-1.0)


def test_the_text_is_the_same_again() -> None:
    """And holds the evidence."""
    changed = np.array([100.0, 101.5, 99.5, 103.0])
    texts = {diff(research().log(), research(csv="2", nav=changed).log()).text() for _ in range(2)}
    assert 1 == len(texts)
    expected = """\
departs at cell [2]: input_changed (4 of 7 cells the same)
  [2] nav = pd.read_csv("nav.csv")["NAV"]
      input_changed: nav.csv
      - file nav.csv: the content differs
      differs: value nav: float64[4] differs within the first 4 elements, mean 100.875 → 101, sd
        1.51554 → 1.36931
      what follows from it: [4], [6]
note: values not kept: nav, scaled, both"""
    assert expected == texts.pop()


sources = st.sampled_from(["a = 1", "b = a", "a = b + 1", "c = a", "%timeline", "x = 3"])
sessions = st.lists(st.tuples(sources, st.sampled_from([1.0, 2.0])), max_size=7)


@given(sessions, sessions)
def test_emptiness_is_symmetric(one: list[tuple[str, float]], other: list[tuple[str, float]]) -> None:
    """And a session never differs from itself."""
    a, b = simple(*one), simple(*other)
    assert diff(a, b).is_empty == diff(b, a).is_empty
    assert diff(a, b).is_identical == diff(b, a).is_identical
    assert diff(a, a).is_empty


@given(st.lists(st.sampled_from("abcde"), min_size=1, max_size=8, unique=True), st.data())
def test_a_planted_change_is_found_at_its_cell(names: list[str], data: st.DataObject) -> None:
    """One value of one cell."""
    place = data.draw(st.integers(0, len(names) - 1))
    cells = [(f"{name} = {n}", float(n)) for n, name in enumerate(names)]
    changed = [*cells]
    changed[place] = (cells[place][0], 99.0)
    root = only(diff(simple(*cells), simple(*changed)))
    assert (f"[{place + 1}]", [names[place]]) == (root.label, root.names)


def keyed(session_id: str, *, since_start: bool = True) -> Any:
    """A private session: no text, and every digest under a key of its own."""
    writer = Writer(session_id=session_id).start(config={"private": since_start})
    for name in ("nav", "both"):
        event = msgspec.structs.replace(value(name, NAV), fingerprint=f"fp1:sha256:{sha(session_id + name)}")
        writer.cell(None, event, writes=[name], source_sha256=sha(session_id))
    return log_of(writer.end())


def test_values_of_private_sessions_are_not_compared() -> None:
    """Keys differ from session to session, so that nothing that differs would say anything."""
    said = "private: values cannot be compared, because each private session keys its digests anew"
    public = log_of(Writer(session_id="sess_3").start().cell("nav = 1").end())
    for a, b, which in (
        (keyed("sess_1"), keyed("sess_2"), "both sessions are"),
        (public, keyed("sess_2"), "the second session is"),
        (keyed("sess_1", since_start=False), public, "the first session is"),
    ):
        with pytest.raises(LogError, match=f"^{which} {said}$"):
            diff(a, b)


def test_a_private_session_is_identical_with_itself() -> None:
    """Its digests have the same key."""
    assert diff(keyed("sess_1"), keyed("sess_1")).is_identical


def test_a_cell_that_asked_not_to_be_recorded_makes_no_session_private() -> None:
    """It has no digest, keyed or not."""
    a, b = (log_of(Writer(session_id=name).start().cell(None).cell("x = 1").end()) for name in ("sess_1", "sess_2"))
    assert diff(a, b).is_identical


def test_a_seed_in_a_cell_that_was_edited_is_no_unseeded_generator() -> None:
    """Also if neither text nor entropy is recorded, as in a baseline: the stream it left elsewhere is its own."""
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
