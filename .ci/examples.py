"""Put an example of each event into docs/LOGGING.md: lines of a real log, between its markers: `mise run examples`."""

from __future__ import annotations

import contextlib
import http.server
import io
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import SimpleNamespace

from IPython.core.interactiveshell import InteractiveShell
from loguru import logger
from traitlets.config import Config

from ithtel.events import SECTIONS, event_type

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/LOGGING.md"
BEGIN, END = "<!-- examples: written by .ci/examples.py -->\n", "<!-- end of examples -->"
MAX_WIDTH = 4_000
"""No event is so rich that its shortest example need be longer."""

CELLS = (
    "prior = 1",
    "%load_ext ithtel",
    "import ithtel, numpy as np, rules\nrng = %seed 42",
    "nav = ithtel.load_nav('fund.csv')",
    """%%provenance --inputs nav --outputs result,frame,note
result = ithtel.analyze(nav, hurdle=0.05, trace=True); frame = nav.to_frame(); note = rules.NAME""",
    "ithtel.log_decision('enter-1', result, action={'size': 1})",
    "x = rng.normal(size=60); y = x + rng.normal(size=60); open('out.txt', 'w').write(str(x[0]))",
    "s, table = ithtel.stats, {'x': x, 'y': y, 'z': rng.normal(size=60)}\nu = rng.beta(2, 3, size=60)",
    "_ = s.shapiro_wilk(x, subject='x'), s.describe(x, subject='x'), s.beta_fit(u, rng=rng, subject='u')",
    "_ = s.anderson_darling(x, rng=rng, subject='x'), s.mann_whitney(x, y, subject='x, y')",
    "_ = s.cohens_d(x, y, subject='x, y'), s.cliffs_delta(x, y, subject='x, y')",
    "_ = s.adf(x, subject='x'), s.acf(x, subject='x'), s.hurst(np.cumsum(rng.normal(size=400)), subject='walk')",
    "_ = s.regimes(nav, lookback=10, subject='nav')",
    "_ = s.pca(table), s.participation_ratio(table), s.ridge_vif(table), s.spearman(table), s.select(table)",
    "ithtel.log_hypothesis_result('mine', 'by hand', 1.2, 0.3, 'not_different')",
    "from loguru import logger\nlogger.bind(venue='XNYS').info('a message of the user')",
    "%note the gap in May is a holiday",
    "%ithtel pause",
    "%ithtel resume",
    "ithtel.current().count_loss('OSError: no space left on device')",
    "other = np.random.default_rng()\nother.random()",
    "open('fund.csv', 'a').write(' ')",
    "import os\nos.system('true')",
    "who = input('who? ')",
    "%ithtel set keep=network",
    "import urllib.request\nwith urllib.request.urlopen(WEB) as answer: page = answer.read()",
    "import time\nend = time.time() + 0.4",
    "%%flamegraph\nwhile time.time() < end + 0.4: rng.normal(size=1000)",
    "%unload_ext ithtel",
)


def example_lines(folder: Path) -> dict[str, str]:
    """Run the cells in `folder`, and return the shortest line of each type; of plain messages under the empty name."""
    here = Path.cwd()
    _prepare(folder)
    with contextlib.redirect_stdout(io.StringIO()), _as_user(folder):
        logger.remove()  # it echoes on standard error
        os.chdir(folder / "study")
        try:
            _run(CELLS, folder)
        finally:
            os.chdir(here)
    shortest: dict[str, str] = {}
    log = (folder / "study/logs/ndjson/notebook.jsonl").read_text(encoding="utf-8")
    for line in re.sub(r'"platform":"Linux-[^"]*"', '"platform":"Linux-x86_64"', log).splitlines():
        kind = json.loads(line)["context"].get("event_type", "")
        if kind not in shortest or len(line) < len(shortest[kind]):
            shortest[kind] = line
    return shortest


def section(lines: dict[str, str]) -> str:
    """Return what stands between the markers."""
    parts = ['\nA plain message, as `logger.bind(venue="XNYS").info(…)` writes it:\n', _block(lines[""])]
    for name, events in SECTIONS.items():
        parts.append(f"### {name}\n")
        for kind in map(event_type, events):
            parts += [f"`{kind}` ([fields](events.md#{kind.replace('.', '')}))\n", _block(lines[kind])]
    return "\n".join(parts) + "\n"


def _block(line: str) -> str:
    if len(line) > MAX_WIDTH:
        raise SystemExit(f"an example of {len(line)} characters: {line[:300]}")
    return f"```json\n{line}\n```\n"


def _prepare(folder: Path) -> None:
    """Make a small study: a NAV, a module, a repository."""
    study = folder / "study"
    study.mkdir()
    walk, rows = random.Random(7), ["Date,NAV"]  # noqa: S311 - a NAV, not a secret
    nav = 100.0
    for day in range(1, 29):
        nav *= 1 + walk.gauss(0.01, 0.02)
        rows.append(f"2026-02-{day:02d},{nav:.4f}")
    (study / "fund.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (study / "rules.py").write_text('NAME = "rules"\n', encoding="utf-8")
    author = ["-c", "user.name=n", "-c", "user.email=e@example.org"]
    for command in (["init", "-q"], ["add", "rules.py"], [*author, "commit", "-q", "-m", "rules"]):
        subprocess.run(["git", *command], cwd=study, check=True)  # noqa: S603, S607 - our own arguments


@contextlib.contextmanager
def _as_user(folder: Path):  # noqa: ANN202
    """Let what runs know nothing of who runs it: home, arguments, host."""
    before, argv, path = dict(os.environ), sys.argv, list(sys.path)
    os.environ["HOME"] = str(folder)
    for name in [name for name in os.environ if name.startswith(("ITHTEL_", "TF_PROFILE_", "JPY_", "PYTHON"))]:
        del os.environ[name]
    sys.argv = ["ipykernel_launcher"]
    sys.path.insert(0, str(folder / "study"))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        sys.argv, sys.path[:] = argv, path


def _run(cells: tuple[str, ...], folder: Path) -> None:
    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    shell = InteractiveShell(config=config, ipython_dir=str(folder / "ipython"))
    shell.kernel = SimpleNamespace(_input_request=lambda _prompt: "Ada", get_parent=lambda *_: {})
    shell.user_ns["input"] = lambda prompt: shell.kernel._input_request(prompt)  # noqa: PLW0108, SLF001 - looked up later
    web = http.server.HTTPServer(("127.0.0.1", 0), _Page)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    shell.user_ns["WEB"] = f"http://127.0.0.1:{web.server_port}/page"
    for cell in cells:
        shell.run_cell(cell, store_history=True).raise_error()


class _Page(http.server.BaseHTTPRequestHandler):
    """Answers every request with one page."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def main(path: Path) -> None:
    """Write the page."""
    with tempfile.TemporaryDirectory() as folder:
        lines = example_lines(Path(folder))
    page = path.read_text(encoding="utf-8")
    pattern = re.escape(BEGIN) + ".*" + re.escape(END)
    path.write_text(re.sub(pattern, lambda _: BEGIN + section(lines) + END, page, flags=re.DOTALL), encoding="utf-8")
    print(f"wrote {len(lines)} examples")  # noqa: T201 - it is a command


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else PAGE)
