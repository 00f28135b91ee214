"""Pairs of small recorded sessions with one planted change each: what a comparison must find is known."""

# ruff: noqa: E501 - the code of cells stands as it is run
from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

from ithtel.commands.log.diff import diff

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ithtel.reading.diff.verdict import Difference

LOG = "logs/ndjson/notebook.jsonl"
_RECORDER = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell

cells = json.loads(sys.argv[1])
shell = InteractiveShell.instance()
sys.modules["__main__"] = shell.user_module
for cell in ["%load_ext ithtel", *cells]:
    shell.run_cell(cell, store_history=True)
shell.run_line_magic("unload_ext", "ithtel")
"""
"""Records a session in a process of its own: the first use of NumPy, and the hash seed, belong to what is compared."""


class Plant(NamedTuple):
    """Two sessions of cells; `[1]` loads ithtel. What is not given for the second is that of the first.

    `root` is the label of the first root, and `cause` its cause; both None if the sessions are identical.
    """

    name: str
    cells: list[str]
    changed: list[str] | None = None
    root: str | None = None
    cause: str | None = None
    owner: str | None = None
    n_roots: int = 1
    files: Mapping[str, str] = {}
    changed_files: Mapping[str, str] = {}
    environ: Mapping[str, str] = {}
    changed_environ: Mapping[str, str] = {}


def compared(plant: Plant, folder: Path) -> Difference:
    """Record both sessions of a plant in a folder, and compare them."""
    _record(plant.cells, folder, plant.files, plant.environ)
    _record(plant.changed or plant.cells, folder, plant.changed_files, plant.changed_environ or plant.environ)
    return diff(folder / LOG)


def _record(cells: list[str], folder: Path, files: Mapping[str, str], environ: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    quiet = {"HOME": str(folder), "IPYTHONDIR": str(folder / "ipython"), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(
        [sys.executable, "-c", _RECORDER, json.dumps(cells)],
        cwd=folder, env={**os.environ, **quiet, **environ}, check=True, capture_output=True, timeout=120,
    )  # fmt: skip


PLANTS = [
    Plant(
        name="code edited",
        cells=["import numpy as np", "a = 1", "b = a + 1", "c = b * 2"],
        changed=["import numpy as np", "a = 1", "b = a + 2", "c = b * 2"],
        root="[4]",
        cause="code_changed",
    ),
    Plant(
        name="seed changed gen",
        cells=["import numpy as np", "rng = np.random.default_rng(1)", "x = rng.normal(size=3)", "y = x.sum()"],
        changed=["import numpy as np", "rng = np.random.default_rng(2)", "x = rng.normal(size=3)", "y = x.sum()"],
        root="[3]",
        cause="seed_changed",
    ),
    Plant(
        name="seed changed legacy",
        cells=["import numpy as np", "np.random.seed(1)", "x = np.random.normal(size=3)"],
        changed=["import numpy as np", "np.random.seed(2)", "x = np.random.normal(size=3)"],
        root="[3]",
        cause="seed_changed",
    ),
    Plant(
        name="seed in import cell",
        cells=["import numpy as np\nnp.random.seed(1)", "x = np.random.normal(size=3)", "y = x*2"],
        changed=["import numpy as np\nnp.random.seed(2)", "x = np.random.normal(size=3)", "y = x*2"],
        root="[2]",
        cause="seed_changed",
    ),
    Plant(
        name="seed in import cell by random_state var",
        cells=["import numpy as np\nSEED = 1\nnp.random.seed(SEED)", "x = np.random.normal(size=3)"],
        changed=["import numpy as np\nSEED = 2\nnp.random.seed(SEED)", "x = np.random.normal(size=3)"],
        root="[2]",
        cause="seed_changed",
    ),
    Plant(
        name="swap draws legacy",
        cells=[
            "import numpy as np",
            "np.random.seed(1)",
            "x = np.random.normal(size=3)",
            "y = np.random.normal(size=2)",
            "z = x.sum()+y.sum()",
        ],
        changed=[
            "import numpy as np",
            "np.random.seed(1)",
            "y = np.random.normal(size=2)",
            "x = np.random.normal(size=3)",
            "z = x.sum()+y.sum()",
        ],
        root="[4]",
        cause="order_changed",
    ),
    Plant(
        name="swap draws gen",
        cells=[
            "import numpy as np",
            "rng = np.random.default_rng(1)",
            "x = rng.normal(size=3)",
            "y = rng.normal(size=2)",
            "z = x.sum()+y.sum()",
        ],
        changed=[
            "import numpy as np",
            "rng = np.random.default_rng(1)",
            "y = rng.normal(size=2)",
            "x = rng.normal(size=3)",
            "z = x.sum()+y.sum()",
        ],
        root="[4]",
        cause="order_changed",
    ),
    Plant(
        name="swap draws python",
        cells=[
            "import random",
            "random.seed(1)",
            "x = random.random()",
            "y = [random.random() for _ in range(3)]",
            "z = x + sum(y)",
        ],
        changed=[
            "import random",
            "random.seed(1)",
            "y = [random.random() for _ in range(3)]",
            "x = random.random()",
            "z = x + sum(y)",
        ],
        root="[4]",
        cause="order_changed",
    ),
    Plant(
        name="run twice legacy",
        cells=[
            "import numpy as np",
            "np.random.seed(1)",
            "x = np.random.normal(size=3)",
            "y = np.random.normal(size=2)",
        ],
        changed=[
            "import numpy as np",
            "np.random.seed(1)",
            "x = np.random.normal(size=3)",
            "x = np.random.normal(size=3)",
            "y = np.random.normal(size=2)",
        ],
        root="[5]",
        cause="order_changed",
    ),
    Plant(
        name="run twice gen",
        cells=[
            "import numpy as np",
            "rng = np.random.default_rng(1)",
            "x = rng.normal(size=3)",
            "y = rng.normal(size=2)",
            "q = y.sum()",
        ],
        changed=[
            "import numpy as np",
            "rng = np.random.default_rng(1)",
            "x = rng.normal(size=3)",
            "x = rng.normal(size=3)",
            "y = rng.normal(size=2)",
            "q = y.sum()",
        ],
        root="[5]",
        cause="order_changed",
    ),
    Plant(
        name="run twice in place of counter",
        cells=["a = 1", "a += 1", "b = a"],
        changed=["a = 1", "a += 1", "a += 1", "b = a"],
        root="[4]",
        cause="order_changed",
    ),
    Plant(
        name="edited draw",
        cells=[
            "import numpy as np",
            "np.random.seed(1)",
            "x = np.random.normal(size=3)",
            "y = np.random.normal(size=2)",
        ],
        changed=[
            "import numpy as np",
            "np.random.seed(1)",
            "x = np.random.normal(size=4)",
            "y = np.random.normal(size=2)",
        ],
        root="[4]",
        cause="code_changed",
    ),
    Plant(
        name="edited draw gen",
        cells=[
            "import numpy as np",
            "rng = np.random.default_rng(1)",
            "x = rng.normal(size=3)",
            "y = rng.normal(size=2)",
        ],
        changed=[
            "import numpy as np",
            "rng = np.random.default_rng(1)",
            "x = rng.normal(size=4)",
            "y = rng.normal(size=2)",
        ],
        root="[4]",
        cause="code_changed",
    ),
    Plant(
        name="removed cell that draws",
        cells=[
            "import numpy as np",
            "np.random.seed(1)",
            "x = np.random.normal(size=3)",
            "y = np.random.normal(size=2)",
        ],
        changed=["import numpy as np", "np.random.seed(1)", "y = np.random.normal(size=2)"],
        root="[4]",
        cause="code_changed",
    ),
    Plant(
        name="inserted cell that draws",
        cells=["import numpy as np", "rng = np.random.default_rng(1)", "y = rng.normal(size=2)"],
        changed=[
            "import numpy as np",
            "rng = np.random.default_rng(1)",
            "x = rng.normal(size=3)",
            "y = rng.normal(size=2)",
        ],
        root="[4]",
        cause="code_changed",
    ),
    Plant(
        name="moved cell with draws",
        cells=[
            "import numpy as np",
            "np.random.seed(1)",
            "w = 5",
            "x = np.random.normal(size=3)",
            "y = np.random.normal(size=2)",
            "v = np.random.normal(size=2)",
        ],
        changed=[
            "import numpy as np",
            "np.random.seed(1)",
            "w = 5",
            "v = np.random.normal(size=2)",
            "x = np.random.normal(size=3)",
            "y = np.random.normal(size=2)",
        ],
        root="[7]",
        cause="order_changed",
    ),
    Plant(
        name="unseeded gen",
        cells=["import numpy as np", "rng = np.random.default_rng()", "x = rng.normal(size=3)"],
        root="[3]",
        cause="unseeded_rng",
    ),
    Plant(
        name="unseeded legacy",
        cells=["import numpy as np", "x = np.random.normal(size=3)", "y = x.sum()"],
        root="[3]",
        cause="unseeded_rng",
    ),
    Plant(name="unseeded python", cells=["import random", "x = random.random()"], root="[3]", cause="unseeded_rng"),
    Plant(
        name="dropped gen in cell",
        cells=["import numpy as np", "x = np.random.default_rng().normal(size=3)"],
        root="[3]",
        cause="unseeded_rng",
    ),
    Plant(
        name="dropped gen in function",
        cells=[
            "import numpy as np",
            "def f():\n    return np.random.default_rng().normal(size=3)",
            "x = f()",
            "y = x*2",
        ],
        root="[4]",
        cause="unseeded_rng",
        owner="f",
    ),
    Plant(
        name="dropped gen in library",
        cells=["import numpy as np\nimport noisy", "x = noisy.f()"],
        root="[3]",
        cause="unseeded_rng",
        owner="noisy.f",
        files={"noisy.py": "import numpy as np\ndef f():\n    return np.random.default_rng().normal(size=3)\n"},
    ),
    Plant(
        name="library draws global",
        cells=["import numpy as np\nimport noisy", "x = noisy.f()"],
        root="[3]",
        cause="unseeded_rng",
        files={"noisy.py": "import numpy as np\ndef f():\n    return np.random.normal(size=3)\n"},
    ),
    Plant(
        name="library draws global, seeded other",
        cells=["import numpy as np\nimport noisy", "np.random.seed(1)", "x = noisy.f()"],
        changed=["import numpy as np\nimport noisy", "np.random.seed(2)", "x = noisy.f()"],
        root="[3]",
        cause="seed_changed",
        files={"noisy.py": "import numpy as np\ndef f():\n    return np.random.normal(size=3)\n"},
    ),
    Plant(
        name="library own generator",
        cells=["import numpy as np\nimport noisy", "x = noisy.f()", "y = x + 1"],
        root="[3]",
        cause="unseeded_rng",
        files={
            "noisy.py": "import numpy as np\n_rng = np.random.default_rng()\ndef f():\n    return _rng.normal(size=3)\n"
        },
    ),
    Plant(
        name="RandomState in class",
        cells=[
            "import numpy as np",
            "class M:\n    def __init__(self):\n        self.rng = np.random.RandomState()\n    def f(self):\n        return self.rng.normal(size=3)",
            "m = M()",
            "x = m.f()",
        ],
        root="[4]",
        cause="unseeded_rng",
    ),
    Plant(
        name="RandomState in class seeded other",
        cells=[
            "import numpy as np",
            "class M:\n    def __init__(self, seed):\n        self.rng = np.random.RandomState(seed)\n    def f(self):\n        return self.rng.normal(size=3)",
            "m = M(1)",
            "x = m.f()",
        ],
        changed=[
            "import numpy as np",
            "class M:\n    def __init__(self, seed):\n        self.rng = np.random.RandomState(seed)\n    def f(self):\n        return self.rng.normal(size=3)",
            "m = M(2)",
            "x = m.f()",
        ],
        root="[4]",
        cause="code_changed",
    ),
    Plant(
        name="gen passed as argument",
        cells=[
            "import numpy as np",
            "def f(rng):\n    return rng.normal(size=3)",
            "g = np.random.default_rng()",
            "x = f(g)",
            "y = x.sum()",
        ],
        root="[4]",
        cause="unseeded_rng",
    ),
    Plant(
        name="gen passed as argument inline",
        cells=["import numpy as np", "def f(rng):\n    return rng.normal(size=3)", "x = f(np.random.default_rng())"],
        root="[4]",
        cause="unseeded_rng",
    ),
    Plant(
        name="python Random dropped",
        cells=["import random", "x = random.Random().random()"],
        root="[3]",
        cause="unseeded_rng",
    ),
    Plant(
        name="edited helper module",
        cells=["import numpy as np\nimport helper", "x = helper.f(2)", "y = x+1"],
        root="[2]",
        cause="module_changed",
        files={"helper.py": "def f(x): return x*2\n"},
        changed_files={"helper.py": "def f(x): return x*3\n"},
    ),
    Plant(
        name="hash seed set order",
        cells=["x = list({'a', 'b', 'c', 'd', 'e'})", "y = ''.join(x)"],
        root="[2]",
        cause="clock_or_hash_order",
        environ={"PYTHONHASHSEED": "1"},
        changed_environ={"PYTHONHASHSEED": "2"},
    ),
    Plant(
        name="set order in module",
        cells=["import helper", "x = helper.names()", "y = x[0]"],
        root="[3]",
        cause="clock_or_hash_order",
        files={"helper.py": "def names():\n    return list({'a', 'b', 'c', 'd', 'e'})\n"},
        environ={"PYTHONHASHSEED": "1"},
        changed_environ={"PYTHONHASHSEED": "2"},
    ),
    Plant(
        name="set order in module from import",
        cells=["from helper import names", "x = names()", "y = x[0]"],
        root="[3]",
        cause="clock_or_hash_order",
        files={"helper.py": "def names():\n    return list({'a', 'b', 'c', 'd', 'e'})\n"},
        environ={"PYTHONHASHSEED": "1"},
        changed_environ={"PYTHONHASHSEED": "2"},
    ),
    Plant(
        name="set order in function",
        cells=["def f(n):\n    s = {c for c in n}\n    return list(s)", "x = f('abcde')"],
        root="[3]",
        cause="clock_or_hash_order",
        environ={"PYTHONHASHSEED": "1"},
        changed_environ={"PYTHONHASHSEED": "2"},
    ),
    Plant(name="clock", cells=["import time", "x = time.time()", "y = x"]),
    Plant(
        name="clock in module",
        cells=["import helper", "x = helper.now()", "y = x"],
        files={"helper.py": "import time\ndef now():\n    return time.time()\n"},
    ),
    Plant(
        name="address in result",
        cells=["class K: pass", "k = K()", "x = repr(k)", "y = len(x)"],
    ),
    Plant(name="id in result", cells=["k = object()", "x = id(k)"]),
    Plant(name="tempname in result", cells=["import tempfile", "x = tempfile.mkdtemp()"]),
    Plant(name="uuid", cells=["import uuid", "x = str(uuid.uuid4())"]),
    Plant(
        name="uuid via module",
        cells=["import helper", "x = helper.key()"],
        files={"helper.py": "import uuid\ndef key():\n    return str(uuid.uuid4())\n"},
    ),
    Plant(
        name="input file",
        cells=["x = open('d.txt').read()", "y = len(x)"],
        root="[2]",
        cause="input_changed",
        files={"d.txt": "abc"},
        changed_files={"d.txt": "abcd"},
    ),
    Plant(
        name="stream appears only",
        cells=[
            "import numpy as np",
            "import os\nk = int(open('k.txt').read())\nif k > 1:\n    g = np.random.default_rng(1)\nx = k",
        ],
        root="[3]",
        cause="input_changed",
        files={"k.txt": "1"},
        changed_files={"k.txt": "2"},
    ),
    Plant(
        name="timeline and audit",
        cells=["import numpy as np", "x = np.random.normal(size=3)", "%timeline", "%ithtel status", "%ithtel doctor"],
        root="[3]",
        cause="unseeded_rng",
    ),
    Plant(
        name="analysis twice",
        cells=[
            "import ithtel, numpy as np",
            "r = np.random.default_rng().normal(0.001, 0.01, 300)",
            "nav = np.cumprod(1+r)",
            "a = ithtel.analyze(nav)",
            "a",
            "%timeline",
            "%ithtel audit",
        ],
        root="[3]",
        cause="unseeded_rng",
    ),
    Plant(
        name="only displays",
        cells=[
            "import ithtel, numpy as np",
            "nav = np.cumprod(1+np.random.default_rng(3).normal(0.001, 0.01, 300))",
            "a = ithtel.analyze(nav)",
            "a",
            "%timeline",
            "%ithtel audit",
            "%ithtel status",
            "%ithtel doctor",
            "%ithtel changed",
            "%lineage nav",
            "t = ithtel.current()",
        ],
    ),
    Plant(
        name="only displays py",
        cells=[
            "import ithtel, numpy as np",
            "nav = np.cumprod(1+np.random.default_rng(3).normal(0.001, 0.01, 300))",
            "ithtel.stats.shapiro_wilk(nav)",
            "led = ithtel.ledger(ithtel.current())",
            "led",
            "doc = ithtel.doctor() if hasattr(ithtel,'doctor') else None",
            "doc",
        ],
    ),
    Plant(
        name="timezone",
        cells=["import time", "x = time.strftime('%H', time.localtime(0))"],
        root="[3]",
        cause="clock_or_hash_order",
        environ={"TZ": "UTC"},
        changed_environ={"TZ": "Asia/Tokyo"},
    ),
    Plant(
        name="timezone 2",
        cells=["import datetime as dt", "x = dt.datetime.fromtimestamp(0).hour"],
        root="[3]",
        cause="environment_changed",
        environ={"TZ": "UTC"},
        changed_environ={"TZ": "Asia/Tokyo"},
    ),
    Plant(
        name="package version",
        cells=["import smallpkg", "x = smallpkg.f()", "y = x+1"],
        root="[3]",
        cause="package_changed",
        files={
            "lib/site-packages/smallpkg/__init__.py": "__version__='1.0'\ndef f(): return 1.0\n",
            "lib/site-packages/smallpkg-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: smallpkg\nVersion: 1.0\n",
        },
        changed_files={
            "lib/site-packages/smallpkg/__init__.py": "__version__='1.1'\ndef f(): return 2.0\n",
            "lib/site-packages/smallpkg-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: smallpkg\nVersion: 1.1\n",
        },
        environ={"PYTHONPATH": "lib/site-packages"},
    ),
    Plant(
        name="package version with seeded draws",
        cells=["import numpy as np\nimport smallpkg", "np.random.seed(1)", "x = smallpkg.f()", "y = x+1"],
        root="[4]",
        cause="package_changed",
        files={
            "lib/site-packages/smallpkg/__init__.py": "import numpy as np\n__version__='1.0'\ndef f(): return np.random.normal(size=3)\n",
            "lib/site-packages/smallpkg-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: smallpkg\nVersion: 1.0\n",
        },
        changed_files={
            "lib/site-packages/smallpkg/__init__.py": "import numpy as np\n__version__='1.1'\ndef f(): return np.random.normal(size=4)[:3][::-1].copy()\n",
            "lib/site-packages/smallpkg-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: smallpkg\nVersion: 1.1\n",
        },
        environ={"PYTHONPATH": "lib/site-packages"},
    ),
    Plant(
        name="threads numerics",
        cells=[
            "import numpy as np",
            "import os\nx = float(os.environ['OMP_NUM_THREADS'])*1e-17 + 0.1 if False else 0.1*3 if os.environ['OMP_NUM_THREADS']=='1' else 0.3",
        ],
        root="[3]",
        cause="threads_changed",
        environ={"OMP_NUM_THREADS": "1"},
        changed_environ={"OMP_NUM_THREADS": "2"},
    ),
    Plant(
        name="stdout only differs",
        cells=["import numpy as np", "print(np.random.default_rng().normal())"],
        root="[3]",
        cause="unseeded_rng",
    ),
    Plant(
        name="expression only",
        cells=["import numpy as np", "np.random.default_rng().normal()"],
        root="[3]",
        cause="unseeded_rng",
    ),
    Plant(
        name="gen in dict",
        cells=["import numpy as np", "g = {'r': np.random.default_rng()}", "x = g['r'].normal()", "y = x"],
        root="[3]",
        cause="unseeded_rng",
    ),
    Plant(
        name="three cell swap",
        cells=[
            "import numpy as np",
            "np.random.seed(1)",
            "x = np.random.normal(size=3)",
            "y = np.random.normal(size=2)",
            "z = np.random.normal(size=1)",
            "s = z.sum()",
        ],
        changed=[
            "import numpy as np",
            "np.random.seed(1)",
            "z = np.random.normal(size=1)",
            "x = np.random.normal(size=3)",
            "y = np.random.normal(size=2)",
            "s = z.sum()",
        ],
        root="[6]",
        cause="order_changed",
    ),
    Plant(
        name="edit seeded gen and downstream",
        cells=[
            "import numpy as np",
            "rng = np.random.default_rng(1)",
            "x = rng.normal(size=3)\nx2 = x*2",
            "y = rng.normal(size=2)",
            "z = x.sum() + y.sum()",
        ],
        changed=[
            "import numpy as np",
            "rng = np.random.default_rng(1)",
            "x = rng.normal(size=5)\nx2 = x*2",
            "y = rng.normal(size=2)",
            "z = x.sum() + y.sum()",
        ],
        root="[4]",
        cause="code_changed",
    ),
    Plant(
        name="sklearn unseeded",
        cells=[
            "import numpy as np\nfrom sklearn.model_selection import train_test_split",
            "a, b = train_test_split(np.arange(20))",
            "m = a.mean()",
        ],
        root="[3]",
        cause="unseeded_rng",
    ),
    Plant(
        name="sklearn seed",
        cells=[
            "import numpy as np\nfrom sklearn.model_selection import train_test_split",
            "a, b = train_test_split(np.arange(20), random_state=1)",
            "m = a.mean()",
        ],
        changed=[
            "import numpy as np\nfrom sklearn.model_selection import train_test_split",
            "a, b = train_test_split(np.arange(20), random_state=2)",
            "m = a.mean()",
        ],
        root="[3]",
        cause="seed_changed",
    ),
    Plant(
        name="pandas sample",
        cells=["import pandas as pd", "d = pd.Series(range(50)).sample(5)", "m = d.sum()"],
        root="[3]",
        cause="unseeded_rng",
    ),
    Plant(
        name="scipy rvs",
        cells=["from scipy import stats", "d = stats.norm.rvs(size=5)", "m = d.sum()"],
        root="[3]",
        cause="unseeded_rng",
    ),
    Plant(
        name="swap independent cells",
        cells=["a = 1", "b = 2", "c = a+b"],
        changed=["b = 2", "a = 1", "c = a+b"],
        root="[2]",
        cause="order_changed",
    ),
    Plant(name="hidden name", cells=["get_ipython().user_ns['factor'] = 2", "y = 2*factor"]),
    Plant(
        name="ledger after unseeded",
        cells=[
            "import ithtel, numpy as np",
            "nav = np.cumprod(1+np.random.default_rng().normal(0.001, 0.01, 300))",
            "_ = ithtel.stats.shapiro_wilk(nav)",
            "led = ithtel.ledger(ithtel.current())",
            "led",
            "%ithtel audit",
            "print(ithtel.timeline(ithtel.current()))",
        ],
        root="[3]",
        cause="unseeded_rng",
    ),
    Plant(
        name="audit after unseeded mixed",
        cells=[
            "import ithtel, numpy as np",
            "x = np.random.default_rng().normal(0.001, 0.01, 300)",
            "n = 1\n%timeline",
            "log = ithtel.read('logs/ndjson/notebook.jsonl')\nprint(len(str(log)))",
        ],
        root="[3]",
        cause="unseeded_rng",
    ),
    Plant(
        name="rewritten cell",
        cells=[
            "import numpy as np",
            "np.random.seed(1)",
            "x = np.random.normal(size=3)",
            "y = np.random.normal(size=2)",
            "z = x.sum()",
        ],
        changed=[
            "import numpy as np",
            "np.random.seed(1)",
            "x = np.zeros(7)",
            "y = np.random.normal(size=2)",
            "z = x.sum()",
        ],
        root="[4]",
        cause="code_changed",
    ),
    Plant(
        name="swap with edit elsewhere",
        cells=[
            "import numpy as np",
            "np.random.seed(1)",
            "x = np.random.normal(size=3)",
            "y = np.random.normal(size=2)",
            "q = 5",
        ],
        changed=[
            "import numpy as np",
            "np.random.seed(1)",
            "y = np.random.normal(size=2)",
            "x = np.random.normal(size=3)",
            "q = 6",
        ],
        root="[4]",
        cause="order_changed",
        n_roots=2,
    ),
    Plant(
        name="RandomState seeded swapped",
        cells=["import numpy as np", "r = np.random.RandomState(3)", "x = r.normal(size=3)", "y = r.normal(size=2)"],
        changed=["import numpy as np", "r = np.random.RandomState(3)", "y = r.normal(size=2)", "x = r.normal(size=3)"],
        root="[4]",
        cause="order_changed",
    ),
    Plant(
        name="python Random seeded, run twice",
        cells=["import random\nr = random.Random(3)", "x = r.random()", "y = r.random()"],
        changed=["import random\nr = random.Random(3)", "x = r.random()", "x = r.random()", "y = r.random()"],
        root="[4]",
        cause="order_changed",
    ),
    Plant(
        name="seed helper module",
        cells=["import numpy as np\nimport helper", "helper.seed_all(1)", "x = np.random.normal(size=3)"],
        changed=["import numpy as np\nimport helper", "helper.seed_all(2)", "x = np.random.normal(size=3)"],
        root="[3]",
        cause="seed_changed",
        files={
            "helper.py": "import numpy as np, random\ndef seed_all(n):\n    np.random.seed(n)\n    random.seed(n)\n"
        },
    ),
    Plant(
        name="seed magic",
        cells=["import numpy as np", "%seed 1", "x = np.random.normal(size=3)"],
        changed=["import numpy as np", "%seed 2", "x = np.random.normal(size=3)"],
        root="[3]",
        cause="seed_changed",
    ),
    Plant(
        name="seed from clock",
        cells=["import numpy as np\nimport time", "rng = np.random.default_rng(time.time_ns())", "x = rng.normal()"],
        root="[3]",
        cause="clock_or_hash_order",
    ),
    Plant(
        name="legacy seed from clock",
        cells=["import numpy as np\nimport time", "np.random.seed(time.time_ns() % 2**31)", "x = np.random.normal()"],
        root="[3]",
        cause="clock_or_hash_order",
    ),
    Plant(
        name="two independent",
        cells=["import numpy as np", "a = np.random.default_rng().normal()", "b = open('d.txt').read()", "c = (a, b)"],
        root="[3]",
        cause="unseeded_rng",
        n_roots=2,
        files={"d.txt": "abc"},
        changed_files={"d.txt": "abcd"},
    ),
    Plant(name="os urandom", cells=["import os", "x = os.urandom(8).hex()"]),
    Plant(
        name="print of object",
        cells=["class K:\n    def __repr__(self): return f'K {id(self)}'", "k = K()", "print(k)"],
    ),
    Plant(
        name="cell swap of imports",
        cells=["import json", "import math", "x = math.sqrt(2)"],
        changed=["import math", "import json", "x = math.sqrt(2)"],
        root="[2]",
        cause="order_changed",
    ),
    Plant(
        name="sorted module set identical",
        cells=["import helper", "x = helper.names()"],
        files={"helper.py": "def names():\n    return sorted({'a', 'b', 'c'})\n"},
        environ={"PYTHONHASHSEED": "1"},
        changed_environ={"PYTHONHASHSEED": "2"},
    ),
    Plant(
        name="unused generator in module",
        cells=["import numpy as np\nimport helper", "x = helper.f()"],
        files={"helper.py": "import numpy as np\n_rng = np.random.default_rng()\ndef f():\n    return 3\n"},
    ),
    Plant(
        name="class attribute generator",
        cells=[
            "import numpy as np",
            "class M:\n    rng = np.random.default_rng()\n    def f(self):\n        return self.rng.normal(size=3)",
            "x = M().f()",
        ],
        root="[3]",
        cause="unseeded_rng",
    ),
    Plant(
        name="sklearn forest",
        cells=[
            "from sklearn.ensemble import RandomForestRegressor\nimport numpy as np",
            "X = np.arange(40.).reshape(20,2); t = X.sum(1)",
            "p = RandomForestRegressor(3).fit(X, t).predict(X)",
        ],
        root="[4]",
        cause="unseeded_rng",
    ),
    Plant(
        name="edited function",
        cells=["import numpy as np", "def f(x):\n    return x*2", "y = f(3)", "z = y+1"],
        changed=["import numpy as np", "def f(x):\n    return x*3", "y = f(3)", "z = y+1"],
        root="[3]",
        cause="code_changed",
    ),
    Plant(
        name="seed in function default",
        cells=[
            "import numpy as np",
            "def f(seed=1):\n    return np.random.default_rng(seed).normal(size=3)",
            "y = f()",
        ],
        changed=[
            "import numpy as np",
            "def f(seed=2):\n    return np.random.default_rng(seed).normal(size=3)",
            "y = f()",
        ],
        root="[3]",
        cause="seed_changed",
    ),
    Plant(
        name="str of library object",
        cells=["import threading\nlock = threading.Lock()", "x = str(lock)"],
    ),
    Plant(
        name="array permutation arg",
        cells=[
            "import numpy as np",
            "def f(rng=None):\n    rng = rng or np.random.default_rng()\n    return rng.permutation(5)",
            "p = f()",
            "q = f(np.random.default_rng(0))",
            "r = p[0]",
        ],
        root="[4]",
        cause="unseeded_rng",
    ),
    Plant(
        name="python change of hash via dict",
        cells=["x = hash('a')", "y = x + 1"],
        root="[2]",
        cause="clock_or_hash_order",
    ),
]
