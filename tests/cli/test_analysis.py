"""`ithtel analyze` of many files, `ithtel epochs`, `ithtel attribute`: what is printed, and with which exit code."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import ithtel
from ithtel.events import IthStep

if TYPE_CHECKING:
    from commandline import Call

BULL = "logs/ndjson/bull_ith.jsonl"
CSV = "Date,NAV\n2024-01-02,100\n2024-01-03,106\n2024-01-04,100\n2024-01-05,113\n"


@pytest.fixture
def data() -> Path:
    """A folder with three NAV files (one in Parquet), a bad file, and a file that is not data."""
    folder = Path("data")
    folder.mkdir()
    days = pd.date_range("2020-01-01", periods=600, freq="D")
    for seed, name in enumerate(("flat", "good", "wild")):
        steps = np.random.default_rng(seed).standard_normal(600) * 0.02 + 0.003 * seed
        frame = pd.DataFrame({"Date": days, "NAV": np.exp(np.cumsum(steps))})
        if name == "wild":
            frame.to_parquet(folder / "wild.parquet")
        else:
            frame.to_csv(folder / f"{name}.csv", index=False)
    (folder / "bad.csv").write_text("Date,NAV\n2024-01-02,-1\n", encoding="utf-8")
    (folder / "notes.txt").write_text("not data", encoding="utf-8")
    return folder


@pytest.mark.usefixtures("data")
def test_a_folder_is_one_table_sorted_by_fitness(call: Call) -> None:
    """All CSV and Parquet files are analysed; the bad one is named, and the exit code is 2."""
    done = call("analyze", "data/", "--hurdle", "0.1", "--periods-per-year", "365", "--format", "json")
    rows = json.loads(done.out)
    assert (2, 6) == (done.code, len(rows))
    assert done.err.count("\n") == 1
    assert "bad.csv, line 2: the NAV is -1.0" in done.err
    n_wrong = [row["why"].count(";") + 1 if row["why"] else 0 for row in rows]
    assert sorted(n_wrong) == n_wrong
    assert {"flat", "good", "wild"} == {row["series"] for row in rows}
    assert all(row["qualified"] == (row["why"] == "") for row in rows)


@pytest.mark.usefixtures("data")
def test_a_pattern_no_shell_has_read_is_read(call: Call) -> None:
    """Windows shells pass `data/*.csv` on as it is."""
    done = call("analyze", "data/*.csv", "--hurdle", "0.1", "--side", "bull", "--format", "json")
    assert ["flat", "good"] == sorted(row["series"] for row in json.loads(done.out))


@pytest.mark.usefixtures("data")
def test_files_of_one_name_are_told_apart(call: Call) -> None:
    """Files of the same name are listed with their folders."""
    Path("other").mkdir()
    Path("other/good.csv").write_bytes(Path("data/good.csv").read_bytes())
    done = call("analyze", "data/good.csv", "other/good.csv", "data/flat.csv", "--side", "bull", "--format", "json")
    assert ["data/good.csv", "flat", "other/good.csv"] == sorted(row["series"] for row in json.loads(done.out))


def test_a_folder_without_tables_is_an_error(call: Call) -> None:
    """The message names the suffixes that were searched."""
    Path("empty").mkdir()
    done = call("analyze", "empty")
    assert 2 == done.code
    assert "ithtel: no .csv, .tsv, .parquet, .pq file in the folder 'empty'" in done.err


def test_returns_and_prices_are_columns(call: Call) -> None:
    """`--returns r` and `--prices p` name the column to use instead of a NAV."""
    Path("f.csv").write_text("Date,r,p\n2024-01-02,,50\n2024-01-03,0.5,75\n", encoding="utf-8")
    for option, column in (("--returns", "r"), ("--prices", "p")):
        done = call("analyze", "f.csv", option, column, "--hurdle", "0.1", "--side", "bull", "--format", "json")
        assert [1] == [row["n_epochs"] for row in json.loads(done.out)]


@pytest.mark.slow
def test_synthetic_output_is_identical_twice(call: Call) -> None:
    """The defaults give the same table, JSON and CSV twice."""
    for output in ("table", "json", "csv"):
        arguments = ("analyze", "--synthetic", "5000", "--seed", "42", "--format", output)
        first, second = call(*arguments), call(*arguments)
        assert (0, first.out, "") == (second.code, second.out, second.err)


@pytest.mark.usefixtures("data")
def test_the_trace_is_recorded_on_request(call: Call) -> None:
    """One step per bar is recorded."""
    call("analyze", "data/good.csv", "--side", "bull", "--trace")
    assert 600 == len(list(ithtel.read(BULL).events(IthStep)))


@pytest.mark.usefixtures("data")
def test_parts_are_printed_as_table_json_and_csv(call: Call) -> None:
    """JSON and CSV have full precision, and the parts add up."""
    call("analyze", "data/good.csv", "--side", "bull", "--hurdle", "0.1")
    table = call("attribute", BULL).out
    assert "open" in table
    rows = json.loads(call("attribute", BULL, "--format", "json").out)
    assert [*range(1, len(rows)), None] == [row["epoch_index"] for row in rows]
    nav = ithtel.load_nav("data/good.csv").to_numpy()
    assert math.isclose(nav[-1] - nav[0], math.fsum(row["nav_change"] for row in rows), rel_tol=1e-12)
    lines = list(csv.DictReader(io.StringIO(call("attribute", BULL, "--format", "csv").out)))
    assert [row["share"] for row in rows] == [float(line["share"]) for line in lines]


@pytest.mark.slow
@pytest.mark.usefixtures("data")
@pytest.mark.parametrize("name", ["w.png", "w.svg"])
def test_a_waterfall_is_drawn_the_same_twice(call: Call, name: str) -> None:
    """Both files have the same bytes."""
    call("analyze", "data/good.csv", "--side", "bull", "--hurdle", "0.1")
    assert f"drawn in {name}\n" == call("attribute", BULL, "-o", name).out
    first = Path(name).read_bytes()
    call("attribute", BULL, "-o", name, "--theme", "light")
    assert first == Path(name).read_bytes()


@pytest.mark.usefixtures("data")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["attribute", "nothing.jsonl"], "nothing.jsonl"),
        (["attribute", BULL, "-o", "w.gif"], "expected a .png or .svg file"),
        (["attribute", BULL, "-o", "w.png", "--theme", "pink"], "no theme 'pink'"),
        (["analyze", "data/good.csv", "--periods-per-year", "-1"], "periods_per_year is -1"),
        (["analyze", "data/good.csv", "--returns", "r", "--prices", "p"], "from one column"),
    ],
)
def test_a_mistake_is_exit_code_2(call: Call, arguments: list[str], said: str) -> None:
    """The message on standard error names what is allowed; there is no traceback."""
    call("analyze", "data/good.csv", "--side", "bull", "--hurdle", "0.1")
    done = call(*arguments)
    assert 2 == done.code
    assert said in done.err
    assert "Traceback" not in done.err


def test_a_log_without_a_run_says_so(call: Call) -> None:
    """The message says how to record a run."""
    with ithtel.start("empty", git=False):
        pass
    done = call("attribute", "logs/ndjson/empty.jsonl")
    assert (2, True) == (done.code, "no ITH run in this log; record one with ithtel.analyze" in done.err)


@pytest.fixture
def nav() -> Path:
    """A small NAV file."""
    Path("fund.csv").write_text(CSV, encoding="utf-8")
    return Path("fund.csv")


def test_the_demo_prints_records_and_draws(call: Call) -> None:
    """It prints the epochs and the fitness, and where the log and the picture are."""
    done = call("demo")
    assert 0 == done.code
    for said in ("GOOG", "2004-10-22", "0.718457", "qualified", "logs/ndjson/demo.jsonl", "artifacts/demo.png"):
        assert said in done.out
    log_file = "logs/ndjson/demo.jsonl"
    assert f"recorded in {log_file} (try: ithtel events {log_file})\n" in done.out
    assert b"\x89PNG" == Path("artifacts/demo.png").read_bytes()[:4]
    assert "*\n" == Path("artifacts/.gitignore").read_text()
    log = ithtel.read("logs/ndjson/demo.jsonl")
    assert [] == log.problems
    assert 4 == len(log.epochs())


def test_the_same_seed_prints_the_same(call: Call) -> None:
    """Two runs print identical output; another seed prints something else."""
    arguments = ("analyze", "--synthetic", "3000", "--seed", "42", "--verbose", "--hurdle", "0.05")
    first, second = call(*arguments), call(*arguments)
    assert first.out == second.out
    assert first.out != call(*arguments[:3], "--seed", "43", *arguments[5:]).out


def test_each_side_has_a_log_of_its_own(call: Call, nav: Path) -> None:
    """Each log has seed, data, algorithm and result; both belong to one experiment."""
    assert 0 == call("analyze", str(nav), "--side", "both", "--hurdle", "0.05").code
    traces = set()
    for side in ("bull", "bear"):
        log = ithtel.read(f"logs/ndjson/{side}_ith.jsonl")
        kinds = [record.event_type for record in log]
        for kind in ("session.start", "seed.set", "data.load", "algorithm.init", "algorithm.result", "session.end"):
            assert 1 == kinds.count(kind), (side, kind)
        traces |= {record.envelope.trace_id for record in log}
    assert 1 == len(traces)


def test_one_bad_file_does_not_stop_the_rest(call: Call, nav: Path) -> None:
    """The other files are analysed, the bad ones are named, and the exit code is 2."""
    Path("bad.csv").write_text("Date,NAV\n2024-01-02,0\n", encoding="utf-8")
    done = call("analyze", "bad.csv", str(nav), "missing.csv")
    assert 2 == done.code
    assert "fund" in done.out
    assert 2 == len(done.err.strip().splitlines())
    assert "ithtel: bad.csv, line 2: the NAV is 0.0" in done.err
    assert "ithtel: no file 'missing.csv'" in done.err
