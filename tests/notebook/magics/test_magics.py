"""The magics, typed as a user types them."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from IPython.core.completer import provisionalcompleter

from sessions import LOG, recorded, run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _own_randomness() -> object:
    """Put the global random state back."""
    before = random.getstate(), np.random.get_state()  # noqa: NPY002
    yield
    random.setstate(before[0])
    np.random.set_state(before[1])  # noqa: NPY002


def test_loading_says_in_one_line_where_it_records(bare: InteractiveShell, capsys: Captured) -> None:
    """And how to stop it."""
    run(bare, "%load_ext ithtel")
    assert "ithtel: recording cells to logs/ndjson/notebook.jsonl (%ithtel stop)\n" == capsys.readouterr().out


def test_the_notebooks_name_names_the_file(bare: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the host tells it."""
    monkeypatch.setenv("JPY_SESSION_NAME", "research/my study.ipynb")
    run(bare, "%load_ext ithtel")
    start = recorded("session.start", Path("logs/ndjson/my_study.jsonl"))[0]
    assert "research/my study.ipynb" == start["notebook"]


def test_a_seed_reaches_every_stream(shell: InteractiveShell, capsys: Captured) -> None:
    """Python's, NumPy's, and the returned generator; one line says so."""
    run(shell, "rng = %seed 42")
    assert "ithtel: seed 42 set for python, numpy.legacy, and the generator returned\n" == capsys.readouterr().out
    assert (random.Random(42).random(), np.random.RandomState(42).random()) == (random.random(), np.random.random())  # noqa: NPY002
    assert np.random.default_rng(42).random() == shell.user_ns["rng"].random()
    assert 42 == recorded("seed.set")[-1]["seed"]


@pytest.mark.parametrize("line", ["SEED + 1", "8  # the year's", " 8 "])
def test_a_seed_may_be_an_expression(shell: InteractiveShell, line: str) -> None:
    """With a comment too."""
    run(shell, "SEED = 7")
    run(shell, f"rng = %seed {line}")
    assert 8 == recorded("seed.set")[-1]["seed"]


def test_seed_alone_changes_nothing(shell: InteractiveShell, capsys: Captured) -> None:
    """It shows the last seed."""
    run(shell, "%seed")
    run(shell, "rng = %seed 5")
    before = random.getstate()
    run(shell, "%seed")
    assert before == random.getstate()
    out = capsys.readouterr().out
    assert out.startswith("ithtel: no seed was set in this session\n")
    assert out.endswith("ithtel: the last seed set is 5\n")
    assert 1 == len(recorded("seed.set"))


def test_a_large_seed_says_what_it_does_not_reach(shell: InteractiveShell, capsys: Captured) -> None:
    """NumPy's legacy generator takes 32 bits."""
    run(shell, f"rng = %seed {2**40}")
    assert "numpy.legacy was not seeded" in capsys.readouterr().out
    assert "numpy.legacy" not in recorded("seed.set")[-1]["components"]


@pytest.mark.parametrize("line", ["-1", "1.5", "'a'", "undefined", "True", "1 +", "--restor @1"])
def test_a_bad_seed_is_one_line(shell: InteractiveShell, capsys: Captured, line: str) -> None:
    """The kernel goes on, nothing was seeded."""
    before = random.getstate()
    run(shell, f"%seed {line}")
    captured = capsys.readouterr()
    assert (captured.out + captured.err).startswith("UsageError: ")
    assert 1 == len((captured.out + captured.err).strip().splitlines())
    assert before == random.getstate()


def test_a_generator_shows_no_address(shell: InteractiveShell, capsys: Captured) -> None:
    """While we are loaded; afterwards as before."""
    run(shell, "import numpy as np\nrng = np.random.default_rng(1)")
    run(shell, "rng")
    assert "Generator(PCG64)" == capsys.readouterr().out.strip().rpartition(": ")[2]
    run(shell, "%unload_ext ithtel")
    run(shell, "rng")
    assert " at 0x" in capsys.readouterr().out


def shown(shell: InteractiveShell, capsys: Captured, cell: str) -> str:
    """Run a cell, and return what it shows below itself, the prompt left out."""
    capsys.readouterr()
    run(shell, cell)
    return capsys.readouterr().out.partition(": ")[2].strip()


def are_short(text: str) -> bool:
    """Return whether a text has numbers, all with at most six significant digits."""
    numbers = re.findall(r"[=\[ ](-?\d+\.[\de+-]+)", text)
    return bool(numbers) and all(number == f"{float(number):.6g}" for number in numbers)


def test_a_decision_shows_no_clock(shell: InteractiveShell, capsys: Captured) -> None:
    """Nor an id, nor more than six digits; what is not known is left out."""
    run(shell, "import ithtel")
    expected = (
        "DecisionSnapshot(\n"
        "    decision_id='d',\n"
        "    features_at_decision=DecisionFeatures(tmaeg=0.333333),\n"
        "    thresholds=DecisionThresholds(),\n"
        "    action={'size': 0.666667},\n"
        ")"
    )
    assert expected == shown(shell, capsys, "ithtel.log_decision('d', {'tmaeg': 1 / 3}, {}, {'size': 2 / 3})")


def test_a_test_shows_six_digits(shell: InteractiveShell, capsys: Captured) -> None:
    """And the beginning of a digest, of a list its first items."""
    run(shell, "import numpy as np\nfrom ithtel import stats\nvalues = np.random.default_rng(1).normal(size=300)")
    said = shown(shell, capsys, "stats.acf(values)")
    assert said.startswith("AcfResult(\n    hypothesis_id='acf:")
    assert re.search(r"input_hash='sha256:[0-9a-f]{12}…'", said)
    assert re.search(r"=\[-?0\.\d{1,7}, ", said)
    assert are_short(said)
    assert re.search(r"scales=\[10, .*, … \d+ more\]", shown(shell, capsys, "stats.hurst(np.resize(values, 900))"))


def test_fitness_shows_six_digits(shell: InteractiveShell, capsys: Captured) -> None:
    """As results do."""
    run(shell, "import ithtel\nresult = ithtel.analyze([1, 1.06, 1, 1.12], side='bull', hurdle=0.05)")
    assert are_short(shown(shell, capsys, "result.bull.fitness"))


class TestProvenance:
    """`%%provenance`."""

    def test_it_says_what_a_result_came_from(self, shell: InteractiveShell, capsys: Captured) -> None:
        """Names, kinds, shapes in one line; the fingerprints are recorded."""
        run(shell, "import numpy as np\nnav = np.arange(1.0, 4.0)")
        run(shell, "%%provenance --inputs nav --outputs result --name demo\nresult = nav.reshape(3, 1) * 2")
        assert "provenance: demo: nav float64[3] → result float64[3 × 1]\n" == capsys.readouterr().out
        assert ["nav", "result"] == [c["name"] for c in recorded("array.fingerprint", component="provenance")]

    def test_unnamed_it_takes_what_the_cell_reads_and_writes(self, shell: InteractiveShell, capsys: Captured) -> None:
        """Modules are code, not inputs."""
        run(shell, "import numpy as np\na = np.ones(2)\nb = 3")
        run(shell, "%%provenance\nc = np.sum(a) * b")
        assert "provenance: a float64[2], b int → c float64\n" == capsys.readouterr().out

    def test_the_input_is_taken_before_the_cell_changes_it(self, shell: InteractiveShell) -> None:
        """A cell that changes its input in place does not change what it came from."""
        run(shell, "import numpy as np\na = np.zeros(2)")
        run(shell, "%%provenance --inputs a --outputs a\na += 1")
        before, after = recorded("array.fingerprint", component="provenance")
        assert ([0.0, 0.0], [1.0, 1.0]) == (before["range"], after["range"])

    @pytest.mark.parametrize(
        "stack",
        ["%%time\n%%provenance --outputs x", "%%provenance --outputs x\n%%time", "%%capture\n%%provenance --outputs x"],
    )
    def test_it_stands_anywhere_in_a_stack(self, shell: InteractiveShell, stack: str) -> None:
        """Above or below another `%%` line."""
        run(shell, f"{stack}\nx = 1")
        assert 1 == shell.user_ns["x"]
        assert ["x"] == [c["name"] for c in recorded("object.fingerprint", component="provenance")]

    def test_as_a_line_it_does_the_same(self, shell: InteractiveShell, capsys: Captured) -> None:
        """Linters skip cells that begin with `%%`."""
        run(shell, "a = 1")
        run(shell, "%provenance --inputs a --outputs b\nb = a + 1")
        assert "provenance: a int → b int\n" == capsys.readouterr().out

    @pytest.mark.parametrize("options", ["--bogus", "--inputs nope", "--name", "--inputs"])
    def test_a_bad_option_stops_the_cell_with_one_line(
        self, shell: InteractiveShell, capsys: Captured, options: str
    ) -> None:
        """The cell does not run."""
        run(shell, f"%%provenance {options}\nran = True")
        captured = capsys.readouterr()
        said = (captured.out + captured.err).strip()
        assert said.startswith("UsageError: ")
        assert 1 == len(said.splitlines())
        assert "ran" not in shell.user_ns

    def test_what_was_not_made_is_said(self, shell: InteractiveShell, capsys: Captured) -> None:
        """An output that the cell did not bind."""
        run(shell, "%%provenance --outputs missing\nx = 1")
        assert "provenance: nothing → missing (not made)\n" == capsys.readouterr().out

    def test_a_failed_cell_says_so(self, shell: InteractiveShell, capsys: Captured) -> None:
        """Its inputs are recorded all the same."""
        run(shell, "a = 1")
        run(shell, "%%provenance --inputs a\nb = a / 0")
        assert "provenance: a int → failed" in capsys.readouterr().out
        assert ["a"] == [c["name"] for c in recorded("object.fingerprint", component="provenance")]

    def test_line_numbers_of_a_traceback_are_the_cells(self, shell: InteractiveShell) -> None:
        """The marker takes the place of its line."""
        run(shell, "%%provenance\n\n1 / 0")
        assert any(", line 3," in line for line in recorded("cell.end")[-1]["error"]["traceback"])

    def test_whether_a_cell_is_complete_is_asked_without_running(self, shell: InteractiveShell) -> None:
        """The transformer is pure."""
        assert "complete" == shell.input_transformer_manager.check_complete("%%provenance\nx = 1\n\n")[0]
        assert "incomplete" == shell.input_transformer_manager.check_complete("%%provenance\nfor i in x:")[0]
        assert [] == recorded("object.fingerprint", component="provenance")

    def test_help_is_there(self, shell: InteractiveShell, capsys: Captured) -> None:
        """`%%provenance?` explains the options."""
        run(shell, "%%provenance?")
        assert "--inputs" in capsys.readouterr().out


class TestIthtel:
    """`%ithtel`."""

    @pytest.mark.parametrize("way", ["%ithtel set {}={}", "%config IthTel.{}={!r}"])
    @pytest.mark.parametrize("name", ["rotation", "max_log_bytes", "keep"])
    def test_a_refused_setting_stands_in_nobodys_way(
        self, shell: InteractiveShell, capsys: Captured, caplog: pytest.LogCaptureFixture, way: str, name: str
    ) -> None:
        """It is not kept, and others can be set."""
        run(shell, way.format(name, "abc"))
        captured = capsys.readouterr()
        assert f"setting '{name}' does not take 'abc'" in captured.out + captured.err + caplog.text
        run(shell, "%ithtel set env=prod")
        run(shell, "%ithtel status")
        assert "logs/ndjson/notebook.jsonl, env=prod" in capsys.readouterr().out

    def test_status_says_where_and_how(self, shell: InteractiveShell, capsys: Captured) -> None:
        """Settings only where they differ from the defaults."""
        run(shell, "%ithtel status")
        run(shell, "%ithtel set level=warning")
        run(shell, "%ithtel status")
        assert [
            "ithtel: recording cells to logs/ndjson/notebook.jsonl",
            "ithtel: level is now WARNING",
            "ithtel: recording cells to logs/ndjson/notebook.jsonl, level=WARNING",
        ] == capsys.readouterr().out.splitlines()

    def test_pause_and_resume(self, shell: InteractiveShell) -> None:
        """What runs between is not in the file; cells stay balanced."""
        run(shell, "%ithtel pause")
        run(shell, "secret = 'hunter2'")
        run(shell, "%ithtel resume")
        run(shell, "public = 1")
        assert "hunter2" not in LOG.read_text(encoding="utf-8")
        kinds = [c["event_type"] for c in recorded()]
        assert kinds.count("cell.start") == kinds.count("cell.end")
        assert "public = 1" == recorded("cell.start")[-1]["source"]

    def test_stop_and_start(self, shell: InteractiveShell, capsys: Captured) -> None:
        """A new session, in the same file or another."""
        run(shell, "%ithtel stop")
        run(shell, "unrecorded = 1")
        run(shell, "%ithtel status")
        run(shell, "%ithtel start second")
        run(shell, "recorded = 1")
        assert "recording is off; %ithtel start turns it on" in capsys.readouterr().out
        assert "session.end" == recorded()[-1]["event_type"]
        assert "recorded = 1" == recorded("cell.start", Path("logs/ndjson/second.jsonl"))[-1]["source"]

    def test_alone_it_says_where_it_records(self, shell: InteractiveShell, capsys: Captured) -> None:
        """As `%ithtel status`."""
        run(shell, "%ithtel")
        assert "ithtel: recording cells to logs/ndjson/notebook.jsonl\n" == capsys.readouterr().out

    def test_starting_what_runs_goes_on(self, shell: InteractiveShell) -> None:
        """Without a name, or with its own."""
        run(shell, "%ithtel start")
        run(shell, "%ithtel start notebook")
        assert 1 == len(recorded("session.start"))

    def test_the_doctor_looks_at_a_log(self, shell: InteractiveShell) -> None:
        """`%ithtel doctor LOG`."""
        run(shell, "%ithtel stop")
        assert "no threat to reproduction found in 2 cells" == repr(run(shell, f"%ithtel doctor {LOG}").result)

    def test_events_are_a_table(self, shell: InteractiveShell) -> None:
        """Technical events only when asked for."""
        run(shell, "%note a remark")
        table = run(shell, "%ithtel events").result
        assert ["event_type", "msg"] == list(table.columns)
        assert "a remark" in set(table["msg"])
        assert "environment.changed" not in set(table["event_type"])
        assert {"note"} == set(run(shell, "%ithtel events --type note").result["event_type"])
        assert len(run(shell, "%ithtel events --all").result) > len(table)

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("bogus", "no verb 'bogus'; %ithtel? lists them"),
            ("statu", "no verb 'statu' (did you mean 'status'?)"),
            ("stop now", "%ithtel stop: unexpected argument 'now'"),
            ("diff a b c", "%ithtel diff a b: unexpected argument 'c'"),
            ("doctor nowhere.jsonl", "no file or folder 'nowhere.jsonl'"),
            ("events --type epoch_detecte", "no event type 'epoch_detecte' (did you mean 'epoch_detected'?)"),
            ("start other", "already recording to logs/ndjson/notebook.jsonl; %ithtel stop ends that"),
            ("set levle=INFO", "no setting 'levle' (did you mean 'level'?)"),
            ("set level=LOUD", "'level' does not take 'LOUD' (possible: CRITICAL, DEBUG,"),
            ("set profile_rate=0", "'profile_rate' does not take '0': Expected `int` >= 1"),
            ("set level", "is not name=value"),
        ],
    )
    def test_a_mistake_is_one_line(self, shell: InteractiveShell, capsys: Captured, line: str, said: str) -> None:
        """That names what is allowed."""
        run(shell, f"%ithtel {line}")
        captured = capsys.readouterr()
        assert said in captured.out + captured.err
        assert 1 == len((captured.out + captured.err).strip().splitlines())

    def test_config_reaches_the_session(self, shell: InteractiveShell) -> None:
        """`%config IthTel.level` is the same setting."""
        run(shell, "%config IthTel.level = 'ERROR'")
        run(shell, "import ithtel\nlevel = ithtel.current().settings.level")
        assert "ERROR" == shell.user_ns["level"]


class TestTimeline:
    """`%timeline`."""

    def test_it_shows_picture_and_text(self, shell: InteractiveShell) -> None:
        """Of this session so far; the text is deterministic."""
        run(shell, "import ithtel\nnav = ithtel.datasets.google()\nr = ithtel.analyze(nav, side='bull')")
        picture = run(shell, "%timeline").result
        assert picture is not None
        data = picture._repr_mimebundle_()
        data = data[0] if isinstance(data, tuple) else data
        assert data["image/png"]
        assert "GOOG" in data["text/plain"]

    def test_it_works_without_a_file(
        self, bare: InteractiveShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
    ) -> None:
        """Recording to memory is enough."""
        (tmp_path / "logs").write_text("in the way")
        monkeypatch.setenv("XDG_STATE_HOME", "/dev/null")
        run(bare, "%load_ext ithtel")
        assert "recording to memory, which is lost when the process ends (%ithtel stop)" in capsys.readouterr().out
        run(bare, "x = 1")
        assert "x = 1" in repr(run(bare, "%timeline").result)

    def test_another_log_is_drawn_by_name(self, shell: InteractiveShell) -> None:
        """`%timeline LOG`; a missing one is one line."""
        run(shell, "%ithtel stop")
        assert "notebook" in repr(run(shell, f"%timeline {LOG}").result)


def test_completion_knows_verbs_settings_and_variables(shell: InteractiveShell) -> None:
    """After `%ithtel`, `%ithtel set`, `%provenance --inputs`."""
    run(shell, "navigator = 1")
    assert {"start", "status", "stop"} <= completions(shell, "%ithtel st")
    assert "level=" in completions(shell, "%ithtel set lev")
    assert "navigator" in completions(shell, "%provenance --inputs navi")
    assert "navigator" in completions(shell, "%%provenance --inputs navi")
    assert "navigator" in completions(shell, "%seed navi")
    assert "epoch_detected" in completions(shell, "%ithtel events --type epo")
    assert "--git" in completions(shell, "%ithtel doctor --g")
    assert "stop" not in completions(shell, "%ithtel diff st")


def completions(shell: InteractiveShell, text: str) -> set[str]:
    """Ask as Jupyter does."""
    with provisionalcompleter():
        return {completion.text for completion in shell.Completer.completions(text, len(text))}


def test_a_note_is_recorded(shell: InteractiveShell, capsys: Captured) -> None:
    """Its text, and nothing is shown."""
    run(shell, "%note gap in May: a holiday")
    run(shell, "%note")
    assert ["gap in May: a holiday"] == [c["text"] for c in recorded("note")]
    captured = capsys.readouterr()
    assert "%note needs the text of a remark" in captured.out + captured.err


def test_a_note_is_recorded_as_it_stands(shell: InteractiveShell) -> None:
    """IPython puts no values in the place of `{x}` and `$x`."""
    run(shell, "x = 7")
    run(shell, "%note costs $5, $x and {x}")
    assert ["costs $5, $x and {x}"] == [c["text"] for c in recorded("note")]


class TestLineage:
    """`%lineage`."""

    def test_it_says_what_a_value_came_from(self, shell: InteractiveShell) -> None:
        """Cells, seed, fingerprint then and now."""
        run(shell, "import numpy as np\nrng = %seed 42")
        run(shell, "nav = rng.normal(size=3)")
        said = repr(run(shell, "%lineage nav").result)
        assert said.startswith("nav float64[3] · made by [3]\n  [2] rng = %seed 42")
        assert "draws from numpy:rng (seed 42)" in said
        assert said.endswith("then, the same now")
        run(shell, "nav[0] = 5")
        assert "made by [5]" in repr(run(shell, "%lineage nav").result)

    def test_it_draws(self, shell: InteractiveShell) -> None:
        """As SVG."""
        run(shell, "a = 1")
        data = run(shell, "%lineage a --graph").result._repr_mimebundle_()
        assert data["image/svg+xml"].startswith("<svg ")

    @pytest.mark.parametrize("line", ["nope", "", "--graph"])
    def test_a_mistake_is_one_line(self, shell: InteractiveShell, capsys: Captured, line: str) -> None:
        """A name that no cell made, or none."""
        run(shell, f"%lineage {line}")
        captured = capsys.readouterr()
        assert "UsageError: " in captured.out + captured.err
        assert 1 == len((captured.out + captured.err).strip().splitlines())
