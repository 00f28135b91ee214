"""`Randomness`: which streams a cell moved, and their states before and after."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

import ithtel
from sessions import LOG, envelopes, hazards, last, recorded, run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


CHANCE = """
import numpy as np

rng = np.random.default_rng(1)


def draw():
    return rng.normal()


class Model:
    rng = np.random.default_rng(2)

    def draw(self):
        return self.rng.normal()
"""


@pytest.fixture
def shell(shell: InteractiveShell) -> InteractiveShell:
    """A shell in which every stream is seeded."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002
    run(shell, "import random, numpy as np\nrng = %seed 42")
    return shell


def test_a_cell_says_which_streams_it_moved(shell: InteractiveShell) -> None:
    """Streams of Python, of NumPy, in variables, and one level inside variables."""
    run(shell, "class Model: pass\nmodel = Model(); model.rng = np.random.default_rng(1)")
    run(shell, "random.random(); np.random.rand(); rng.normal(); model.rng.normal()")
    assert {"python", "numpy.legacy", "numpy:rng", "numpy:model.rng"} == set(last("cell.end")["rng_used"])
    run(shell, "x = 1")
    assert [] == last("cell.end")["rng_used"]


@pytest.mark.parametrize(
    ("imports", "draws", "stream"),
    [
        ("import chance", "chance.rng.normal()", "numpy:chance.rng"),
        ("import chance as c", "c.draw()", "numpy:c.rng"),
        ("from chance import draw", "draw()", "numpy:chance.rng"),
        ("from chance import Model", "Model().draw()", "numpy:Model.rng"),
        ("from chance import Model; model = Model()", "model.draw()", "numpy:Model.rng"),
        ("import chance; model = chance.Model()", "model.draw()", "numpy:model.rng"),
        ("from dataclasses import dataclass\n@dataclass(slots=True)\nclass Walk:\n    rng: object",
         "walk = Walk(np.random.default_rng(1)); walk.rng.normal()", "numpy:walk.rng"),
    ],
)  # fmt: skip
def test_generators_of_the_users_own_modules_and_classes(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch, imports: str, draws: str, stream: str
) -> None:
    """Attributes of a module, a class or an instance count; after restoring they give the same numbers."""
    Path("chance.py").write_text(CHANCE)
    monkeypatch.syspath_prepend(".")
    monkeypatch.delitem(sys.modules, "chance", raising=False)
    run(shell, f"{imports}\nnumbers = []")
    for _ in range(2):
        run(shell, f"{draws}\nnumbers.append({draws.rpartition('; ')[2]})")
        assert [stream] == last("cell.end")["rng_used"]
    run(shell, f"%seed --restore @{shell.execution_count - 1}")
    if "walk = " not in draws:
        run(shell, f"{draws}\nnumbers.append({draws})")
        _, second, third = shell.user_ns["numbers"]
        assert second == third


def test_a_state_is_written_once(shell: InteractiveShell) -> None:
    """The state before equals the state after the previous cell, and is not repeated."""
    run(shell, "rng.normal()")
    run(shell, "rng.normal()")
    of_rng = [c for c in recorded("rng.state") if c["stream"] == "numpy:rng"]
    assert [True, False, True, False, True] == ["state" in c for c in of_rng]
    assert of_rng[2]["state_sha256"] == of_rng[3]["state_sha256"]


@pytest.mark.parametrize("stream", ["random.random()", "np.random.rand()", "rng.random()"])
def test_restoring_puts_streams_where_they_were(shell: InteractiveShell, stream: str) -> None:
    """The same numbers are drawn again."""
    run(shell, "numbers = []")
    run(shell, f"numbers.append({stream})")
    count = shell.execution_count - 1
    run(shell, f"numbers.append({stream})")
    run(shell, f"%seed --restore @{count}")
    run(shell, f"numbers.append({stream}); numbers.append({stream})")
    first, second, third, fourth = shell.user_ns["numbers"]
    assert (first, second) == (third, fourth)


def test_restoring_says_what_it_did(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    """It lists the restored streams and those that could not be restored."""
    run(shell, "other = np.random.default_rng(3)\nother.random(); rng.random()")
    count = shell.execution_count - 1
    run(shell, "del other")
    capsys.readouterr()
    run(shell, "rng.random()")
    run(shell, f"%seed --restore @{count + 2}")
    assert (
        f"ithtel: random state as before [{count + 2}]: numpy.legacy, numpy:rng, python;"
        " not numpy:other (there is no such generator now)\n"
    ) == capsys.readouterr().out.partition("\n")[2]


@pytest.mark.parametrize("text", ["@99", "@", "7", "@x"])
def test_restoring_what_is_not_there_is_one_line(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    """No stream moves."""
    before = random.getstate()
    run(shell, f"%seed --restore {text}")
    captured = capsys.readouterr()
    assert (captured.out + captured.err).strip().rpartition("\n")[2].startswith("UsageError: ")
    assert before == random.getstate()


def test_an_unseeded_generator_is_a_hazard_only_if_used(shell: InteractiveShell) -> None:
    """Its entropy is always recorded."""
    run(shell, "loose = np.random.default_rng()")
    assert str(shell.user_ns["loose"].bit_generator.seed_seq.entropy) == last("rng.state")["entropy"]
    assert {} == hazards()
    run(shell, "loose.random()")
    run(shell, "loose.random()")
    assert {"unseeded_rng": ["random numbers drawn from unseeded numpy:loose"]} == hazards()


def test_the_globals_unseeded(bare: InteractiveShell) -> None:
    """Draws from Python's and NumPy's global streams are reported if no cell seeded them."""
    np.random.seed()  # noqa: NPY002
    run(bare, "import random, numpy as np\n%load_ext ithtel")
    run(bare, "random.random()")
    assert ["random numbers drawn from unseeded python"] == hazards()["unseeded_rng"]


def test_what_was_put_back_is_not_unseeded(bare: InteractiveShell, request: pytest.FixtureRequest) -> None:
    """Neither the restoring cell nor later draws are reported."""
    request.addfinalizer(partial(np.random.set_bit_generator, np.random.get_bit_generator()))  # type: ignore[attr-defined]
    np.random.set_bit_generator(np.random.MT19937())  # type: ignore[attr-defined]  # as a fresh process has it
    run(bare, "import random, numpy as np\n%load_ext ithtel")
    run(bare, "np.random.rand()")
    run(bare, "%unload_ext ithtel")
    np.random.set_bit_generator(np.random.MT19937())  # type: ignore[attr-defined]
    run(bare, "%load_ext ithtel")
    run(bare, f"%seed --restore @2 {LOG}@-2")
    run(bare, "np.random.rand()")
    last_session = recorded("session.start")[-1]["session_id"]
    said = [line for line in envelopes() if line["context"]["event_type"] == "hazard"]
    assert [] == [line["msg"] for line in said if line["provenance"]["session_id"] == last_session]


def test_seeding_by_hand_is_seeding(bare: InteractiveShell) -> None:
    """Any function whose name says that it seeds counts."""
    run(bare, "import random, numpy as np\n%load_ext ithtel")
    run(bare, "random.seed(1); np.random.seed(1)")
    run(bare, "random.random(), np.random.rand()")
    assert {} == hazards()


def test_a_stream_set_back_by_another_cell_is_a_hazard(shell: InteractiveShell) -> None:
    """Later draws repeat; running the same cell again is not reported."""
    run(shell, "np.random.seed(7)")
    run(shell, "np.random.rand()")
    run(shell, "np.random.seed(7)")
    run(shell, "np.random.rand()")
    assert {} == hazards()
    run(shell, "# another\nnp.random.seed(7)")
    assert 1 == len(hazards()["reseeded"])
    assert "numpy.legacy is back where [" in hazards()["reseeded"][0]


def test_spawned_streams_are_recorded(shell: InteractiveShell) -> None:
    """Each child is recorded with its entropy and key."""
    run(shell, "import ithtel\nspawned = ithtel.spawn(2, seed=42)")
    children = [c for c in recorded("rng.state") if c["stream"].startswith("numpy:spawn[")]
    assert ["numpy:spawn[0]", "numpy:spawn[1]"] == [c["stream"] for c in children]
    assert ["42", "42"] == [c["entropy"] for c in children]
    assert [["0"], ["1"]] == [c["state"]["seed_sequence"]["spawn_key"] for c in children]


def test_spawned_streams_are_seen_where_they_are_kept(shell: InteractiveShell) -> None:
    """Lists that `spawn` returns count: draws from them are recorded, and they can be restored."""
    run(shell, "import ithtel\nworkers = ithtel.spawn(2, seed=42)\nnumbers = []")
    run(shell, "numbers.append(workers.generators[1].random())")
    assert ["numpy:workers.generators[1]"] == last("cell.end")["rng_used"]
    count = shell.execution_count - 1
    run(shell, f"%seed --restore @{count}\nnumbers.append(workers.generators[1].random())")
    first, second = shell.user_ns["numbers"]
    assert first == second


def test_a_spawned_stream_with_a_name_is_not_missed(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    """It was also recorded as a child; a child that no variable holds is reported."""
    run(shell, "import ithtel\nfirst, _ = ithtel.spawn(2, seed=42).generators")
    run(shell, "first.random()")
    capsys.readouterr()
    run(shell, f"%seed --restore @{shell.execution_count - 1}")
    said = capsys.readouterr().out
    assert "numpy:first" in said
    assert "numpy:spawn[0]" not in said
    assert "not numpy:spawn[1] (there is no such generator now)" in said


def test_spawning_without_a_session_records_nothing() -> None:
    """The streams are the same."""
    one, two = ithtel.spawn(2, seed=1).generators
    assert one.random() != two.random()


def test_a_state_is_restored_from_another_log(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    """After a restart: from another log, or from the previous session in the same file."""
    run(shell, "numbers = []")
    run(shell, "numbers.append((random.random(), rng.random()))")
    count = shell.execution_count - 1
    ithtel.stop()
    run(shell, "%ithtel start")
    run(shell, "numbers.append(0)")
    capsys.readouterr()
    run(shell, "%seed --restore @99")
    assert "no execution [99] in this session" in capsys.readouterr().err
    for log in (f"{LOG}@-2", f"'{LOG}@-2'"):
        run(shell, f"%seed --restore @{count} {log}\nnumbers.append((random.random(), rng.random()))")
        assert shell.user_ns["numbers"][0] == shell.user_ns["numbers"][-1]
    run(shell, "%seed --restore @2 logs/none.jsonl")
    assert "logs/none.jsonl" in capsys.readouterr().err


@pytest.mark.kernel
def test_a_fresh_process_draws_the_same_numbers(shell: InteractiveShell) -> None:
    """The log is all it needs."""
    run(shell, "random.random(); rng.random()")
    run(shell, "numbers = [random.random(), np.random.rand(), rng.random()]")
    count = shell.execution_count - 1
    code = (
        "import random, numpy as np, ithtel\n"
        "from ithtel.commands.session.seed import restore\nrng = np.random.default_rng(0)\n"
        f"restore(ithtel.read({str(LOG)!r}), {count}, globals())\n"
        "print([random.random(), float(np.random.rand()), rng.random()])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert [float(number) for number in shell.user_ns["numbers"]] == json.loads(done.stdout)


@pytest.mark.parametrize(
    ("source", "owner", "kind"),
    [
        ("x = np.random.default_rng().normal()", "the cell", "numpy"),
        ("def draw(): return np.random.default_rng().normal()\nx = draw()", "draw", "numpy"),
        ("x = random.Random().random()", "the cell", "python"),
        ("x = np.random.RandomState().rand()", "the cell", "numpy"),
    ],
)
def test_a_generator_that_is_made_and_dropped_is_a_hazard(
    shell: InteractiveShell, source: str, owner: str, kind: str
) -> None:
    """No variable ever holds it; its seed is recorded, with the code that asked for it."""
    run(shell, source)
    assert [f"{owner} made a generator without a seed, and dropped it"] == hazards()["unseeded_rng"]
    event = last("entropy.request")
    assert (kind, owner, 1) == (event["source"], event["owner"], event["n_requests"])
    assert 1 == len(event["numbers"])


@pytest.mark.parametrize(
    "source",
    [
        "x = np.random.default_rng(7).normal()",
        "x = np.random.RandomState(7).rand()",
        "x = random.Random(7).random()",
        "np.random.RandomState(); random.Random()",
        "kept = np.random.default_rng()",
        "import uuid; x = uuid.uuid4()",
        "import secrets; x = secrets.token_hex()",
    ],
)
def test_a_seeded_or_unused_generator_is_no_hazard(shell: InteractiveShell, source: str) -> None:
    """Nor is a token: it is recorded as a request, without its bits."""
    run(shell, source)
    assert "unseeded_rng" not in hazards()
    assert all(("numbers" in event) == (event["source"] != "os") for event in recorded("entropy.request"))


@pytest.mark.parametrize(("file", "n"), [("site-packages/drawing.py", 0), ("drawing.py", 1)])
def test_what_a_library_draws_while_it_is_imported_is_not_the_cells(
    bare: InteractiveShell, monkeypatch: pytest.MonkeyPatch, file: str, n: int
) -> None:
    """As rich does for the identifiers of its links; what a module of the user draws counts."""
    path = Path(file).resolve()
    path.parent.mkdir(exist_ok=True)
    path.write_text("import random\nNUMBER = random.random()\n", encoding="utf-8")
    monkeypatch.syspath_prepend(path.parent)
    monkeypatch.delitem(sys.modules, "drawing", raising=False)
    run(bare, "%load_ext ithtel")
    run(bare, "import drawing\nLIMIT = 5")
    assert n == len(hazards().get("unseeded_rng", []))
