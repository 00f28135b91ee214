"""`analyze_files` analyses every file that it can read, and records each side in its own log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import ithtel
from ithtel.commands.analyze_files import Columns, analyze_files
from ithtel.errors import InputError
from ithtel.events import AlgorithmInit, DataLoad

if TYPE_CHECKING:
    from ithtel.commands.data.load_nav import Loaded

CSV = "Date,NAV,Close\n2024-01-02,1,2\n2024-01-03,1.1,2\n2024-01-04,1.0,2\n"


def write(name: str, text: str = CSV) -> Path:
    """Write a file into the folder of the test."""
    path = Path(name)
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_each_side_has_its_own_log() -> None:
    """The log of the bulls has only runs of bulls."""
    batch = analyze_files([write("a.csv"), write("b.csv")], hurdle=0.05)
    assert ["a", "b", "a", "b"] == [analysis.nav.name for analysis in batch.analyses]
    for side in ("bull", "bear"):
        runs = list(ithtel.read(f"logs/ndjson/{side}_ith.jsonl").events(AlgorithmInit))
        assert [f"{side}_ith"] * 2 == [run.algorithm_name for run in runs]


def test_a_bad_file_does_not_stop_the_others() -> None:
    """Its error is reported once, not once per side."""
    batch = analyze_files([write("bad.csv", "Date,NAV\n2024-01-02,0\n"), write("good.csv")], hurdle=0.05)
    assert {"good"} == {analysis.nav.name for analysis in batch.analyses}
    assert 1 == len(batch.problems)
    assert "bad.csv, line 2: the NAV is 0" in str(batch.problems[0])


def test_a_folder_and_a_pattern_stand_for_their_files() -> None:
    """Files come in the order of their names, each once."""
    write("data/b.csv"), write("data/a.csv"), write("data/notes.txt")
    for given in (Path("data"), Path("data/*.csv")):
        batch = analyze_files([given, Path("data/a.csv")], side="bull", hurdle=0.05)
        assert ["a", "b"] == [analysis.nav.name for analysis in batch.analyses]


def test_a_folder_without_tables_is_a_problem() -> None:
    """The message names the endings that are looked for."""
    Path("empty").mkdir()
    assert "no .csv, .tsv, .parquet, .pq file in the folder 'empty'" in str(analyze_files([Path("empty")]).problems[0])


def test_files_of_the_same_name_are_told_apart() -> None:
    """By their path."""
    batch = analyze_files([write("x/a.csv"), write("y/a.csv")], side="bull", hurdle=0.05)
    assert [str(Path("x/a.csv")), str(Path("y/a.csv"))] == [analysis.nav.name for analysis in batch.analyses]


def test_columns_can_be_chosen() -> None:
    """Prices are used unchanged."""
    batch = analyze_files([write("a.csv")], side="bull", hurdle=0.05, columns=Columns(prices="Close"))
    assert [2.0, 2.0, 2.0] == batch.analyses[0].nav.values.tolist()


def test_a_synthetic_nav_is_recorded_as_such() -> None:
    """The same seed gives both sides the same series."""
    batch = analyze_files([], synthetic=50, hurdle=0.05, seed=3)
    assert 1 == len({analysis.nav.digest() for analysis in batch.analyses})
    log = ithtel.read("logs/ndjson/bull_ith.jsonl")
    assert ["synthetic:student_t5"] == [event.source_path for event in log.events(DataLoad)]


def test_the_summary_of_several_series_is_ranked() -> None:
    """The epochs stay in the order of the files."""
    batch = analyze_files([write("a.csv"), write("b.csv", CSV.replace("1.1", "1.3"))], hurdle=0.05)
    assert 4 == len(batch.summary())
    assert ["a", "b"] == list(dict.fromkeys(batch.epochs()["series"]))


@pytest.mark.parametrize(
    ("arguments", "message"), [({"synthetic": 1}, "must be at least 2 bars, got 1"), ({"side": "bul"}, "no side 'bul'")]
)
def test_a_bad_argument_is_an_error_before_anything_is_recorded(arguments: dict[str, object], message: str) -> None:
    """No file is read either."""
    with pytest.raises(InputError, match=message):
        analyze_files([Path("nothing.csv")], **arguments)
    assert not Path("logs").exists()


def test_the_first_return_counts() -> None:
    """A fall on the first day is in the drawdown."""
    path = write("r.csv", "Date,r\n2024-01-02,-0.1\n2024-01-03,-0.05\n2024-01-04,0.02\n")
    batch = analyze_files([path], side="bull", hurdle=0.05, columns=Columns(returns="r"))
    assert [0.145] == pytest.approx([one.bull.max_drawdown for one in batch.analyses if one.bull is not None])


def test_each_file_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second side uses what was parsed for the first, and both logs record the data."""
    parsed: list[str] = []
    load = Columns.load

    def counting(columns: Columns, path: Path, name: str) -> Loaded:
        parsed.append(name)
        return load(columns, path, name)

    monkeypatch.setattr(Columns, "load", counting)
    analyze_files([write("a.csv"), write("b.csv")], hurdle=0.05)
    assert ["a", "b"] == parsed
    for side in ("bull", "bear"):
        assert 2 == len(list(ithtel.read(f"logs/ndjson/{side}_ith.jsonl").events(DataLoad)))


def test_an_interrupt_keeps_what_is_finished() -> None:
    """Ctrl-C in the third analysis leaves the first two."""

    def progress(n_made: int, _n_total: int, _name: str, /) -> None:
        if n_made == 2:
            raise KeyboardInterrupt

    batch = analyze_files([write(f"{name}.csv") for name in "abc"], side="bull", hurdle=0.05, progress=progress)
    assert ["a", "b"] == [analysis.nav.name for analysis in batch.analyses]
    assert batch.is_interrupted
    assert "interrupted after 2 of 3 analyses; those are kept" in batch.notices


def test_doubts_are_notices() -> None:
    """They are reported once, not once per side."""
    batch = analyze_files([write("a.csv")], hurdle=5)
    assert ["hurdle 5 is 500 %: for 5 % pass '5%' or 0.05"] == batch.notices
