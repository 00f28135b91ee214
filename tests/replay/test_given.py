"""What has no seed replays the same, because the record holds the random bits; with `fresh` it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ithtel.commands.replay.replay import Replay, replay
from ithtel.events import EntropyRequest
from ithtel.reading.history.values import Execution, History
from ithtel.replay.given import given_generators, not_given
from ithtel.replay.options import RunOptions
from kernels import record

if TYPE_CHECKING:
    from pathlib import Path

LOAD = "%load_ext ithtel"
MODULE = """import random
import numpy as np

_rng = np.random.default_rng()
_old = random.Random()

def noisy(n):
    return _rng.normal(size=n)

def plain():
    return _old.random()

def once():
    return np.random.default_rng().normal()
"""
THREAD = """from concurrent.futures import ThreadPoolExecutor
def draw():
    return np.random.default_rng().normal()
with ThreadPoolExecutor(1) as pool:
    t = pool.submit(draw).result()"""
MAKERS = {
    "import numpy as np, random, uuid, own_module": 2,
    "rng = np.random.default_rng()\na = rng.normal(size=3)": 1,
    "def once(): return np.random.default_rng().normal()\nb = [once() for _ in range(3)]": 3,
    "c = np.random.RandomState().normal(size=2)": 1,
    "d = [np.random.RandomState(k).rand() for k in range(5)] + [np.random.RandomState().rand()]": 1,
    "e = np.random.default_rng(np.random.SeedSequence().spawn(2)[1]).normal()": 1,
    THREAD: 1,
    "g = [np.random.default_rng().normal() for _ in range(4)]": 4,
    "h = np.random.Generator(np.random.PCG64DXSM()).normal()": 1,
    "own = random.Random()\ni = own.random()": 1,
    "def plain(): return random.Random().random()\nj = plain() + plain()": 2,
    "class Mine(random.Random): pass\nk = Mine().random()": 1,
    "l = str(uuid.uuid4())": 0,
    "m = own_module.noisy(3)\nn = own_module.plain()": 0,
    "o = own_module.once()": 1,
}
"""Cell → the generators that it makes without a seed. The two of the module are counted where it is imported."""
STREAMS = [
    "import random",
    "items = list(range(9))\nrandom.shuffle(items)",
    "import numpy as np\na = np.random.rand(3)",
    "np.random.shuffle(a)\nb = a[0] + random.random()",
    "import scipy.stats as st\nc = [st.norm.rvs(), st.norm(2).rvs(random_state=None)]",
    "from sklearn.model_selection import train_test_split as split",
    "x = np.arange(40.0).reshape(20, 2)\ntrain, test = split(x)",
    "from sklearn.cluster import KMeans\nlabels = KMeans(3, n_init=2).fit_predict(x)",
    "from sklearn.ensemble import RandomForestRegressor as Forest",
    "guess = Forest(5).fit(x, np.sqrt(x[:, 0]) % 1).predict(x)",
]
"""Cells that draw from the global streams of Python and NumPy."""


def again(folder: Path, *, fresh: bool = False) -> Replay:
    return replay(folder / "logs/ndjson/notebook.jsonl", options=RunOptions(fresh=fresh))


def recorded(folder: Path, cells: list[str]) -> Path:
    (folder / "own_module.py").write_text(MODULE, encoding="utf-8")
    record(cells, folder)
    return folder


def given(found: Replay) -> str:
    return found.text().partition(" that nobody seeded")[0].removeprefix("identical, with the recorded randomness of ")


def fresh_causes(folder: Path) -> list[tuple[str, str]]:
    found = again(folder, fresh=True)
    assert found.difference is not None, found.text()
    return [(root.label, root.cause) for root in found.difference.verdict.roots]


@pytest.mark.kernel
def test_generators_get_the_seeds_that_the_record_heard(tmp_path: Path) -> None:
    """In cells, functions, threads, comprehensions and modules. A fresh replay departs in each.

    Not where the module is imported, since nothing is drawn there; a UUID in a text is not compared.
    """
    folder = recorded(tmp_path, [LOAD, *MAKERS])
    found = again(folder)
    assert "identical" == found.outcome, found.text()
    assert f"{sum(MAKERS.values())} generators" == given(found), found.text()
    assert "as in the record: 1 UUID of the cell" in found.text()
    departing = [n for n, cell in enumerate(MAKERS, start=2) if not cell.startswith(("import", "l = str(uuid"))]
    assert [(f"[{n}]", "unseeded_rng") for n in departing] == fresh_causes(folder)


@pytest.mark.kernel
def test_global_streams_begin_as_in_the_record(tmp_path: Path) -> None:
    """Also those that SciPy and scikit-learn draw from. A fresh replay departs where each is first drawn from."""
    folder = recorded(tmp_path, [LOAD, *STREAMS])
    found = again(folder)
    assert "identical" == found.outcome, found.text()
    assert "2 generators" == given(found), found.text()
    assert [("[3]", "unseeded_rng"), ("[4]", "unseeded_rng")] == fresh_causes(folder)


@pytest.mark.kernel
def test_what_was_made_before_the_recording_is_restored(tmp_path: Path) -> None:
    """Its state is recorded where a cell first draws from it. A stream that is seeded anew is given that seed."""
    before = "import numpy as np, random\nrng = np.random.default_rng()"
    folder = recorded(
        tmp_path, [before, LOAD, "a = rng.normal(size=3)\nb = np.random.rand()", "random.seed()\nc = random.random()"]
    )
    found = again(folder)
    assert "identical" == found.outcome, found.text()
    assert {"unseeded_rng"} == {cause for _, cause in fresh_causes(folder)}


def test_new_randomness_is_reported() -> None:
    """Requests for which the record holds no number, by cell and owner; not what imports ask for."""
    asked = {"execution_count": 3, "n_bits": 128}
    events = [
        EntropyRequest(source="numpy", owner="draw", n_requests=3, n_given=1, numbers=["1", "2", "3"], **asked),
        EntropyRequest(source="python", owner="lib", n_requests=1, numbers=["1"], is_import=True, **asked),
        EntropyRequest(source="os", owner="draw", n_requests=1, **asked),
    ]
    replayed = History(name="n", executions=[Execution(place=1, count=3, entropy=events)])
    assert ["2 generators of draw in [3]"] == not_given(replayed)
    assert 1 == given_generators(replayed, set())
