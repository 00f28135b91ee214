"""No difference that a user can see or keep is passed over: every kind of it in a cell of its own, recorded twice.

Each cell reads a variable of the environment that is not recorded and has another value in the second session. Its
result therefore differs although every recorded input is equal. `diff` must count the cell as different, or name it as
not compared.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import pytest

from ithtel.commands.log.diff import diff
from kernels import record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SETUP = (
    "import os, sys, io, random, decimal, logging, warnings\nfrom pathlib import Path\nimport numpy as np, pandas as pd"
)
V = "float(os.environ['V'])"
"""The hidden input: 1 in the first session, 2 in the second."""
QUICK = [
    f"number = {V}",
    f"nested = {{'a': [({V},)]}}",
    f"frame = pd.DataFrame({{'a': [1.0, {V}]}})",
    "label = pd.Series([1.0], name=os.environ['V'])",
    f"function = lambda x, rate={V}: x * rate",
    f"def make(k):\n    return lambda x: x + k\nclosed = make({V})",
    f"class Rule:\n    pass\nRule.rate = {V}",
    f"class Held:\n    def __init__(self, x):\n        self.x = x\nheld = Held({V})",
    f"generator = np.random.default_rng(int({V}))",
    f"random.seed(int({V}))",
    f"np.random.seed(int({V}))",
    f"gone = 1\nif {V} > 1:\n    del gone",
    "Path('text.txt').write_text(os.environ['V']);",
    f"np.save('array.npy', np.full(3, {V}))",
    "print(os.environ['V'])",
    "print(os.environ['V'], file=sys.stderr)",
    "warnings.warn('limit ' + os.environ['V'])",
    "logging.getLogger('x').warning('value %s', os.environ['V'])",
    "raise KeyError(os.environ['V'])",
    "from IPython.display import HTML, display\ndisplay(HTML('<b>' + os.environ['V'] + '</b>'))",
    f"display({{'application/json': {{'a': {V}}}}}, raw=True)",
    f"{V}",
    "!echo $V",
]
LONG = [
    f"signed = 0.0 if {V} > 1 else -0.0",
    f"truth = 1 if {V} > 1 else True",
    f"width = np.float32(1) if {V} > 1 else np.float64(1)",
    f"sequence = (1, 2) if {V} > 1 else [1, 2]",
    f"date = pd.Timestamp('2020-01-01') + pd.Timedelta(nanoseconds=int({V}))",
    f"offset = pd.tseries.offsets.BDay(int({V}))",
    f"large = np.full(2_000_000, 1.0)\nlarge[1_234_567] = {V}",
    f"mask = np.ma.array([1.0, 2.0], mask=[False, {V} > 1])",
    f"categories = pd.Categorical(['a'], categories=['a', 'b'], ordered={V} > 1)",
    f"class Slot:\n    __slots__ = ('a',)\nslot = Slot()\nslot.a = {V}",
    f"class Items(list):\n    pass\nitems = Items([1])\nitems.extra = {V}",
    f"class Drawing:\n    def __init__(self):\n        self.rng = np.random.default_rng(int({V}))\ndrawing = Drawing()",
    f"running = (i * {V} for i in range(3))",
    f"iterator = iter([1, 2, 3])\nif {V} > 1:\n    next(iterator)",
    "buffer = io.StringIO(os.environ['V'])",
    "path = Path(os.environ['V'])",
    "exact = decimal.Decimal(os.environ['V'])",
    f"failure = ExceptionGroup('a', [ValueError({V})])",
    f"async def later():\n    return {V}\nawaited = await later()",
    f"from collections import namedtuple\nPoint = namedtuple('Point', 'a' if {V} > 1 else 'b')",
    f"import pickle\nPath('object.pkl').write_bytes(pickle.dumps({{'a': {V}}}));",
    f"pd.DataFrame({{'a': [{V}]}}).to_pickle('frame.pkl')",
    f"np.savez('arrays.npz', a=np.full(3, {V}))",
    "import gzip\nwith gzip.open('text.gz', 'wt') as file:\n    file.write(os.environ['V'])\ndel file",
    "import zipfile\nwith zipfile.ZipFile('text.zip', 'w') as file:\n    file.writestr('a', os.environ['V'])\ndel file",
    "%matplotlib inline\nimport matplotlib.pyplot as plt",
    *(
        f"plt.figure()\nplt.plot([0, {V}, 1])\nplt.savefig('figure.{ending}')\nplt.close()"
        for ending in ("svg", "pdf", "png")
    ),
    f"plt.plot([0, {V}, 1]);",
    "from sklearn.linear_model import Ridge",
    f"model = Ridge({V})",
    f"fitted = Ridge().fit(np.arange(6.0).reshape(3, 2), np.arange(3.0) * {V})",
]
NOTHING = ("%matplotlib inline", "from sklearn")
"""How a cell begins that differs in nothing."""


def _passed_over(cells: Sequence[str], tmp_path: Path) -> list[str]:
    """Return the cells that `diff` takes for equal."""
    logs = []
    for value in ("1", "2"):
        folder = tmp_path / value
        folder.mkdir()
        logs.append(record(["%load_ext ithtel", SETUP, *cells], folder, V=value))
    one, two = logs
    found = diff(one, two)
    seen = {cell.label for cell in found.cells} | {each.cell for each in found.verdict.not_compared}
    assert not found.is_identical
    return [cell for n, cell in enumerate(cells, 3) if f"[{n}]" not in seen and not cell.startswith(NOTHING)]


@pytest.mark.kernel
def test_no_difference_is_passed_over(tmp_path: Path) -> None:
    """Values, functions, classes, random states, files, streams, errors, displays, names."""
    assert [] == _passed_over(QUICK, tmp_path)


@pytest.mark.soak
def test_no_rarer_difference_is_passed_over(tmp_path: Path) -> None:
    """Kinds of numbers, objects with slots, generators, archives, figures, models."""
    if any(importlib.util.find_spec(name) is None for name in ("sklearn", "matplotlib")):
        pytest.skip("scikit-learn or matplotlib is not installed")
    assert [] == _passed_over(LONG, tmp_path)
