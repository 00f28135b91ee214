"""Notebooks with a stated truth: what differs between two runs of each, and what every verb must say about it.

Each case is recorded twice, in two folders, the second time with a change and with the clock moved by 100 days. `diff`
compares the two logs, `replay` repeats the first with the changed files and variables, `check` compares the changed
notebook with the baseline of the first, `doctor` judges the first log.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from nbformat import v4
from nbformat import write as write_notebook

from ithtel.commands.log.diff import diff
from ithtel.commands.log.doctor import doctor
from ithtel.commands.replay.check import check_notebook
from ithtel.commands.replay.replay import replay
from ithtel.replay.options import RunOptions
from kernels import record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ithtel.reading.diff.verdict import Difference

LOAD = "%load_ext ithtel"
"""The first cell of each notebook, so that the first cell of a case is [2]."""
SAME = "identical"
VERBS = ("diff", "replay", "check", "doctor")
CLOCK = '''"""Moves the clock of this process by a number of seconds, to test what depends on the time of day."""

import os

_MOVED = float(os.environ.get("MOVED_CLOCK_S", "0"))
if _MOVED:
    import time

    import time_machine

    time_machine.travel(time.time() + _MOVED, tick=True).start()
'''
RULELIB = "../../site-packages/rulelib-1.0.dist-info/METADATA"
MOVED_S = 100 * 86_400 + 7 * 3_600 + 13 * 60
CSV = "date,nav\n2024-01-02,100.0\n2024-01-03,106.5\n2024-01-04,99.25\n2024-01-05,112.0\n"


class Change(NamedTuple):
    """What is different in the second run: cells by their index, files by their path, variables."""

    cells: Mapping[int, str] = {}
    order: Sequence[int] | None = None
    files: Mapping[str, str] = {}
    environ: Mapping[str, str] = {}


class Case(NamedTuple):
    """A notebook, what changes, and the truth: `identical`, or the first cell that departs with its cause."""

    name: str
    kind: str
    cells: Sequence[str]
    files: Mapping[str, str] = {}
    environ: Mapping[str, str] = {}
    change: Change = Change()
    diff: str = SAME
    replay: str = SAME
    check: str = SAME
    doctor: Sequence[str] = ()
    """Each finding as its cell and kind, sorted."""
    needs: str | None = None
    """A package without which the case is left out."""

    @property
    def expected(self) -> dict[str, str]:
        """The truth for each verb."""
        return {
            "diff": self.diff,
            "replay": self.replay,
            "check": self.check,
            "doctor": ", ".join(self.doctor) or "nothing",
        }


def verdicts(case: Case, top: Path) -> dict[str, str]:
    """Run a case through every verb in an empty folder, and return what each says."""
    with_clock = {"MOVED_CLOCK_S": str(MOVED_S)}
    changed = case.environ | case.change.environ | with_clock
    one, two = (_project(top / name / "project" / "inner", case) for name in ("one", "two"))
    _write(two, case.change.files)
    first = record([LOAD, *case.cells], one, **_environ(one, case.environ))
    second = record([LOAD, *_changed(case)], two, **_environ(two, changed))
    found = {"diff": said(diff(first, second))}
    diagnosis = doctor(first)
    found["doctor"] = ", ".join(sorted(f"{each.where} {each.kind}" for each in diagnosis.findings)) or "nothing"
    _write(one, case.change.files)
    sys.path.insert(0, str((one / "../../site-packages").resolve()))  # a replay looks for packages in this process
    try:
        repeated = replay(first, folder=one, options=RunOptions(environ={**os.environ, **_environ(one, changed)}))
    finally:
        del sys.path[0]
    found["replay"] = "cannot" if repeated.difference is None else said(repeated.difference)
    shutil.rmtree(top)
    found["check"] = _checked(case, _project(top / "three" / "project" / "inner", case), changed)
    return found


def said(difference: Difference) -> str:
    """Return a verdict in the form in which a case states it; several roots are joined."""
    roots = difference.verdict.roots
    return ", ".join(f"{root.label} {root.cause}" for root in roots) or SAME


def table(cases: Sequence[Case]) -> str:
    """Return the truths as a table in Markdown."""
    lines = ["| What differs | `diff` | `replay` | `check` | `doctor` |", "|---|---|---|---|---|"]
    lines += [f"| {' | '.join([case.kind, *map(case.expected.__getitem__, VERBS)])} |" for case in cases]
    return "\n".join(lines) + "\n"


def _checked(case: Case, folder: Path, changed: Mapping[str, str]) -> str:
    path = folder / "case.ipynb"
    for cells, environ, update in ((case.cells, case.environ, True), (_changed(case), changed, False)):
        write_notebook(v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in [LOAD, *cells]]), path)
        for cell in (notebook := json.loads(path.read_text("utf-8")))["cells"]:
            cell["metadata"] = {"tags": ["raises-exception"]}
        path.write_text(json.dumps(notebook), "utf-8")
        if not update:
            _write(folder, case.change.files)
        options = RunOptions(environ={**os.environ, **_environ(folder, environ)})
        checked = check_notebook(path, update=update, options=options)
    if checked.difference is None:
        return f"cannot: {checked.failure}"
    return said(checked.difference)


def _changed(case: Case) -> list[str]:
    cells = [case.change.cells.get(n, cell) for n, cell in enumerate(case.cells)]
    return cells if case.change.order is None else [cells[n] for n in case.change.order]


def _project(folder: Path, case: Case) -> Path:
    folder.mkdir(parents=True)
    _write(folder, {"../../site-packages/sitecustomize.py": CLOCK, **case.files})
    return folder


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _environ(folder: Path, environ: Mapping[str, str]) -> dict[str, str]:
    path = [str((folder / "../../site-packages").resolve()), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {"PYTHONPATH": os.pathsep.join(path), **environ}


NOISY = "import numpy as np\n\ndef noisy(x):\n    return x + np.random.default_rng().normal(size=len(x))\n"
ORDERED = "def order():\n    return list({'crest', 'nadir', 'hurdle', 'epoch', 'nav', 'side'})\n"
HIDDEN = "float(os.environ['SCALE'])"
"""An input that is not recorded."""


def hidden(name: str, kind: str, *cells: str, needs: str | None = None) -> Case:
    """Return a case whose last cell has another result for a reason that is not recorded."""
    where = f"[{len(cells) + 2}] unknown"
    return Case(
        name, kind, ["import os", *cells], environ={"SCALE": "1"}, change=Change(environ={"SCALE": "2"}),
        diff=where, replay=where, check=where, needs=needs,
    )  # fmt: skip


def everywhere(name: str, kind: str, cells: Sequence[str], verdict: str, **options: Any) -> Case:
    """Return a case on which diff and check agree."""
    return Case(name, kind, cells, **{"diff": verdict, "check": verdict, **options})


CASES: list[Case] = [
    # what is edited
    everywhere(
        "edited_constant",
        "A constant in a cell",
        ["a = 1", "b = a + 1"],
        "[2] code_changed",
        change=Change({0: "a = 2"}),
    ),
    everywhere(
        "edited_function",
        "A function of the notebook",
        ["def f(x):\n    return x + 1", "y = f(1)"],
        "[2] code_changed",
        change=Change({0: "def f(x):\n    return x + 2"}),
    ),
    everywhere(
        "edited_module",
        "A module beside the notebook",
        ["import helper", "y = helper.f(1)"],
        "[2] module_changed",
        files={"helper.py": "def f(x):\n    return x + 1\n"},
        change=Change(files={"helper.py": "def f(x):\n    return x + 2\n"}),
        replay="[2] module_changed",
    ),
    everywhere(
        "seed",
        "The seed of a generator",
        ["import numpy as np", "rng = np.random.default_rng(1)", "x = rng.normal(size=3)"],
        "[3] seed_changed",
        change=Change({1: "rng = np.random.default_rng(2)"}),
    ),
    everywhere(
        "magic_seed",
        "The seed of `%seed`",
        ["import numpy as np", "rng = %seed 1", "x = rng.normal(size=3)"],
        "[3] seed_changed",
        change=Change({1: "rng = %seed 2"}),
    ),
    everywhere(
        "swapped",
        "Two cells that draw from one generator change places",
        [
            "import numpy as np\nrng = np.random.default_rng(1)",
            "x = rng.normal(size=3)",
            "y = rng.uniform(size=3)",
            "z = x + y",
        ],
        "[3] order_changed",
        check="[4] order_changed",
        change=Change(order=[0, 2, 1, 3]),
    ),
    everywhere(
        "repeated",
        "A cell that draws runs twice",
        ["import numpy as np\nrng = np.random.default_rng(1)", "x = rng.normal(size=3)", "y = rng.uniform(size=3)"],
        "[4] order_changed",
        change=Change(order=[0, 1, 1, 2]),
    ),
    everywhere(
        "deleted_name",
        "A name is deleted",
        ["a = 1\nb = 2", "c = a"],
        "[2] code_changed",
        change=Change({0: "a = 1\nb = 2\ndel b"}),
    ),
    # inputs
    Case(
        "input",
        "An input file",
        ["import pandas as pd", "nav = pd.read_csv('nav.csv')", "nav['nav'].sum()"],
        files={"nav.csv": CSV},
        change=Change(files={"nav.csv": CSV.replace("106.5", "107.5")}),
        diff="[3] input_changed",
        replay="[3] input_changed",
        check="[3] input_changed",
    ),
    Case(
        "input_above",
        "Nothing; an input lies above the notebook's folder",
        ["import pandas as pd", "nav = pd.read_csv('../data/nav.csv')"],
        files={"../data/nav.csv": CSV},
    ),
    Case(
        "input_above_changed",
        "An input above the notebook's folder",
        ["import pandas as pd", "nav = pd.read_csv('../data/nav.csv')"],
        files={"../data/nav.csv": CSV},
        change=Change(files={"../data/nav.csv": CSV.replace("106.5", "107.5")}),
        diff="[3] input_changed",
        replay="[3] input_changed",
        check="[3] input_changed",
    ),
    # results that differ for a reason that is not recorded: never identical
    hidden("value", "A number, for a reason that is not recorded", f"x = {HIDDEN}"),
    hidden(
        "model",
        "A fitted model (scikit-learn)",
        "import numpy as np\nfrom sklearn.linear_model import LinearRegression",
        f"model = LinearRegression().fit(np.arange(6.0).reshape(3, 2), np.arange(3.0) * {HIDDEN})",
        needs="sklearn",
    ),
    hidden(
        "own_class",
        "An object of a class of the notebook",
        "class Rule:\n    def __init__(self, x):\n        self.x = x",
        f"rule = Rule({HIDDEN})",
    ),
    hidden(
        "fitted_result",
        "A result of statsmodels",
        "import numpy as np\nimport statsmodels.api as sm",
        f"fit = sm.OLS(np.arange(9.0) ** 2 * {HIDDEN}, np.arange(9.0)).fit()",
        needs="statsmodels",
    ),
    hidden("hexadecimal", "A number shown in hexadecimal", f"print(hex(int({HIDDEN}) + 139_000_000_000_000))"),
    hidden("exception", "The text of an exception", f"raise ValueError('limit ' + str({HIDDEN}))"),
    hidden("figure", "A figure", "%matplotlib inline\nimport matplotlib.pyplot as plt", f"plt.plot([1, {HIDDEN}]);"),
    hidden("table", "A table that is shown", "import pandas as pd", f"pd.DataFrame({{'a': [1.0, {HIDDEN}]}})"),
    hidden("written", "A file that is written", f"with open('out.txt', 'w') as file:\n    file.write(str({HIDDEN}))"),
    hidden(
        "field",
        "The name of a namedtuple's field",
        "from collections import namedtuple",
        f"p = namedtuple('P', ['x' if {HIDDEN} < 2 else 'y'])(1)",
    ),
    # randomness without a seed: a replay gives it back
    *(
        everywhere(
            name,
            kind,
            cells,
            f"[{len(cells) + 1}] unseeded_rng",
            doctor=[f"[{len(cells) + 1}] unseeded_rng"],
            **options,
        )
        for name, kind, cells, options in [
            (
                "generator",
                "A generator without a seed",
                ["import numpy as np", "rng = np.random.default_rng()\nx = rng.normal(size=3)"],
                {},
            ),
            (
                "dropped",
                "A generator made in a function, and dropped",
                ["import numpy as np\ndef draw():\n    return np.random.default_rng().normal()", "x = draw()"],
                {},
            ),
            (
                "library",
                "A generator made in a module",
                ["import numpy as np, noisy", "x = noisy.noisy(np.arange(3))"],
                {"files": {"noisy.py": NOISY}},
            ),
            ("python", "Python's `random` without a seed", ["import random", "x = random.random()"], {}),
            ("python_object", "A `random.Random()`", ["import random", "x = random.Random().random()"], {}),
            ("legacy", "NumPy's global generator without a seed", ["import numpy as np", "x = np.random.rand(3)"], {}),
            (
                "split",
                "scikit-learn without `random_state`",
                [
                    "import numpy as np\nfrom sklearn.model_selection import train_test_split",
                    "a, b = train_test_split(np.arange(50))",
                ],
                {"needs": "sklearn"},
            ),
            (
                "written_random",
                "A file of unseeded numbers",
                ["import numpy as np", "np.savetxt('out.csv', np.random.default_rng().normal(size=3))"],
                {},
            ),
        ]
    ),
    Case(
        "timeline",
        "A generator without a seed, drawn by `%timeline` afterwards",
        ["import numpy as np", "x = np.random.default_rng().normal(size=3)", "%timeline", "%ithtel audit"],
        diff="[3] unseeded_rng",
        check="[3] unseeded_rng",
        doctor=["[3] unseeded_rng"],
    ),
    # what is different in every run and is no result: not compared
    Case("address", "The address of an object", ["print(object())", "object()"]),
    Case(
        "clock_text",
        "The time of day in an output",
        ["import datetime", "print('made', datetime.datetime.now())"],
        doctor=["[3] clock"],
    ),
    Case(
        "summary",
        "The date in a summary of statsmodels",
        [
            "import numpy as np\nimport statsmodels.api as sm",
            "fit = sm.OLS(np.arange(9.0) ** 2, np.arange(9.0)).fit()",
            "fit.summary()",
        ],
        doctor=["[4] clock"],
        needs="statsmodels",
    ),
    Case(
        "arch",
        "The date in a summary of arch",
        [
            "import numpy as np\nfrom arch import arch_model",
            "r = np.random.default_rng(1).normal(size=300)",
            "fit = arch_model(r).fit(disp='off')",
            "print(fit.summary())",
        ],
        doctor=["[4] unseeded_rng", "[5] clock"],
        needs="arch",
    ),
    Case(
        "duration",
        "Durations",
        [
            "%%time\nsum(range(100_000))",
            "import time\nt0 = time.perf_counter()\nprint(f'took {time.perf_counter() - t0:.3f} s')",
        ],
    ),
    Case(
        "folder",
        "The folder",
        ["from pathlib import Path\nimport os", "here = Path.cwd()\nprint(here)", "name = os.path.abspath('nav.csv')"],
    ),
    Case("temporary", "Temporary names", ["import tempfile", "print(tempfile.mkdtemp())"]),
    Case("process", "The number of the process", ["import os", "print('pid', os.getpid())"]),
    Case("uuid", "A random identifier", ["import uuid", "print(uuid.uuid4())"]),
    Case(
        "dated_file",
        "The date within a PDF and a PNG",
        [
            "import matplotlib\nmatplotlib.use('agg')\nimport matplotlib.pyplot as plt",
            "figure, axis = plt.subplots()\naxis.plot([1, 2])",
            "figure.savefig('a.pdf')\nfigure.savefig('a.png')",
        ],
    ),
    Case(
        "cache",
        "Nothing; the session keeps a cache",
        [
            "import os, json",
            (
                "if os.path.exists('cache.json'):\n    x = json.load(open('cache.json'))\n    print('from the cache')\n"
                "else:\n    x = 7\n    json.dump(x, open('cache.json', 'w'))"
            ),
        ],
    ),
    # what is around the cells
    Case("clock_value", "The time of day as a value", ["import time", "t = time.time()"]),
    everywhere(
        "clock_used",
        "A number computed from the time of day",
        ["import time", "t = time.time()", "n = int(t * 1e6) % 99_991", "m = n + 1"],
        "[3] clock_or_hash_order",
        replay="[3] clock_or_hash_order",
    ),
    everywhere(
        "set_order",
        "The order of a set",
        ["names = list({'crest', 'nadir', 'hurdle', 'epoch', 'nav', 'side'})"],
        "[2] clock_or_hash_order",
        replay="[2] clock_or_hash_order",
        doctor=["[2] hash_order"],
    ),
    everywhere(
        "set_in_module",
        "The order of a set in a module",
        ["import ordered", "names = ordered.order()"],
        "[3] clock_or_hash_order",
        replay="[3] clock_or_hash_order",
        files={"ordered.py": ORDERED},
    ),
    everywhere(
        "time_zone",
        "The time zone",
        ["import datetime", "hour = datetime.datetime.fromtimestamp(0).hour"],
        "[3] environment_changed",
        environ={"TZ": "UTC"},
        change=Change(environ={"TZ": "Asia/Tokyo"}),
    ),
    everywhere(
        "package",
        "The version of a package",
        ["import rulelib", "x = rulelib.rule(3)"],
        "[3] package_changed",
        replay="[3] package_changed",
        files={
            "../../site-packages/rulelib/__init__.py": "def rule(x):\n    return x\n",
            RULELIB: "Metadata-Version: 2.1\nName: rulelib\nVersion: 1.0\n",
        },
        change=Change(
            files={
                "../../site-packages/rulelib/__init__.py": "def rule(x):\n    return x + 1\n",
                RULELIB: "Metadata-Version: 2.1\nName: rulelib\nVersion: 2.0\n",
            }
        ),
    ),
    everywhere(
        "program",
        "The answer of a program",
        [
            "import subprocess, sys",
            "x = subprocess.run([sys.executable, '-c', 'import os; print(os.urandom(8))'], capture_output=True).stdout",
        ],
        "[3] external_changed",
        replay="[3] external_changed",
        doctor=["[3] external"],
    ),
    # real libraries that are deterministic
    Case(
        "forest",
        "Nothing; a seeded forest",
        [
            "import numpy as np\nfrom sklearn.ensemble import RandomForestRegressor",
            "X = np.random.default_rng(1).normal(size=(80, 3))",
            "m = RandomForestRegressor(5, random_state=1).fit(X, X[:, 0])",
            "m.predict(X)[:3]",
        ],
        needs="sklearn",
    ),
    Case(
        "backtest",
        "Nothing; a backtest",
        [
            "from backtesting import Backtest, Strategy\nfrom backtesting.test import GOOG",
            (
                "class Hold(Strategy):\n    def init(self):\n        pass\n"
                "    def next(self):\n        if not self.position:\n            self.buy()"
            ),
            "stats = Backtest(GOOG, Hold).run()",
            "stats['Return [%]']",
        ],
        needs="backtesting",
    ),
    Case(
        "frames",
        "Nothing; tables and statistics",
        [
            "import numpy as np, pandas as pd",
            "df = pd.DataFrame({'a': np.arange(10.0)})",
            "df.describe()",
            "df.rolling(3).mean().dropna().corr()",
        ],
    ),
]
