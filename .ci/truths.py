"""Write the table of notebooks with a stated truth into docs/replay.md: `mise run truths`.

`--run` also runs them all (about ten minutes) and prints which verdicts are wrong.
"""

from __future__ import annotations

import importlib.util
import re
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))
PAGE = ROOT / "docs/replay.md"
BEGIN, END = "<!-- truths: begin -->\n", "<!-- truths: end -->\n"


def main(arguments: list[str]) -> int:
    """Write the table; with `--run [NAME…]`, run the notebooks instead."""
    from truths import CASES, table, verdicts

    if "--run" not in arguments:
        page = PAGE.read_text(encoding="utf-8")
        pattern = re.escape(BEGIN) + ".*" + re.escape(END)
        PAGE.write_text(re.sub(pattern, lambda _: BEGIN + table(CASES) + END, page, flags=re.DOTALL), encoding="utf-8")
        return 0
    names, n_wrong = set(arguments) - {"--run"}, 0
    for case in CASES:
        if (names and case.name not in names) or (case.needs and importlib.util.find_spec(case.needs) is None):
            continue
        with tempfile.TemporaryDirectory() as folder:
            found = verdicts(case, Path(folder) / "run")
        wrong = {verb: f"{found[verb]}, not {truth}" for verb, truth in case.expected.items() if found[verb] != truth}
        n_wrong += bool(wrong)
        print(f"{case.name}: {'; '.join(f'{verb}: {text}' for verb, text in wrong.items()) or 'right'}", flush=True)  # noqa: T201
    print(f"{n_wrong} wrong")  # noqa: T201
    return int(n_wrong > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
