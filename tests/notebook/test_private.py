"""`private=True`: the log contains no text or data, but values can still be compared."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import ithtel
from ithtel.recording.secrets.private_mode import Privacy
from sessions import LOG, last, recorded, run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

SECRETS = ("hunter2", "salary", "54321", "Ann")


@pytest.fixture
def private(bare: InteractiveShell) -> InteractiveShell:
    """A shell that records in private mode."""
    bare.config.IthTel.private = True
    bare.config.IthTel.record_outputs = "text"
    run(bare, "%load_ext ithtel\nimport numpy as np, pandas as pd, ithtel")
    return bare


def test_nothing_leaks(private: InteractiveShell) -> None:
    """Cells, outputs, results, errors, ranges, columns and files contain no secrets."""
    Path("d.csv").write_text("salary\n54321\n")
    for source in (
        "df = pd.read_csv('d.csv')",
        "print(df.salary.max()); 'hunter2'",
        "df.loc[0, 'salary'] = 1; df['Ann'] = 'hunter2'",
        "raise ValueError('54321')",
        "x = np.array([54321.0])",
        "%%provenance --outputs y\ny = df",
        "# Parameters\npay = 54321",
        "it = [iter('Ann')]",
        "order = list({'hunter2', 'Ann'})",
        "day = pd.Timestamp('today', tz=None or ('salary' and None))",
    ):
        run(private, source)
    text = LOG.read_text(encoding="utf-8")
    assert [] == [secret for secret in SECRETS if secret in text]
    assert [] == [c for c in recorded("cell.output") if "text" in c]
    assert {"clock", "hash_order"} <= {hazard["kind"] for hazard in recorded("hazard")}
    assert "ValueError" == next(c for c in recorded("cell.end") if c["status"] == "error")["error"]["ename"]


def test_digests_are_keyed(private: InteractiveShell) -> None:
    """Equal values have equal digests within the session, but nobody else can compute them."""
    run(private, "a = np.zeros(3)")
    run(private, "b = np.zeros(3)")
    run(private, "c = np.ones(3)")
    a, b, c = (event["fingerprint"] for event in recorded("array.fingerprint"))
    assert a == b != c
    assert ithtel.fingerprint(private.user_ns["a"]).fingerprint != a
    assert a.startswith("fp1:sha256:")
    assert 75 == len(a)


def test_the_names_and_the_order_are_there(private: InteractiveShell) -> None:
    """Dependencies between cells can still be seen."""
    run(private, "a = 1")
    run(private, "b = a + 1")
    assert (["a"], ["b"]) == (last("cell.end")["reads"], last("cell.end")["writes"])
    assert (None, 64) == (last("cell.start")["source"], len(last("cell.start")["source_sha256"]))


def test_the_series_is_not_sketched(private: InteractiveShell) -> None:
    """The result of an analysis is recorded, its series is not."""
    run(private, "result = ithtel.analyze(ithtel.datasets.google(), side='bull')")
    sketch = last("series.sketch")
    assert [[], [], [], []] == [sketch[name] for name in ("first", "min", "max", "last")]


def test_it_can_be_set_later(shell: InteractiveShell) -> None:
    """It takes effect with the next cell."""
    run(shell, "%ithtel set private=true")
    run(shell, "x = 'hunter2'")
    assert "hunter2" not in LOG.read_text(encoding="utf-8")


def test_lineage_says_that_it_cannot_compare(private: InteractiveShell) -> None:
    """A keyed digest cannot be compared with the present value."""
    run(private, "a = np.zeros(3)")
    assert "fingerprints of a private session cannot be compared" in repr(run(private, "%lineage a").result)


@pytest.mark.parametrize("is_from_the_start", [True, False])
def test_keyed_digests_are_no_change(bare: InteractiveShell, is_from_the_start: bool) -> None:
    """The doctor and the lineage do not mistake keyed digests for changed content."""
    bare.config.IthTel.private = is_from_the_start
    run(bare, "%load_ext ithtel\nimport numpy as np\nfrom pathlib import Path")
    run(bare, "%ithtel set private=true")
    Path("d.csv").write_text("1")
    run(bare, "text = Path('d.csv').read_text(); a = np.zeros(3)")
    assert () == run(bare, "%ithtel doctor").result.findings
    assert "cannot be compared" in repr(run(bare, "%lineage a").result)


def test_a_log_message_keeps_its_text_and_an_exception_loses_it(private: InteractiveShell) -> None:
    """Messages that the user logs are meant for the log."""
    run(private, "from loguru import logger\nlogger.info('kept')")
    run(private, "try: 1 / int('0')\nexcept ZeroDivisionError: logger.exception('failed')")
    text = LOG.read_text(encoding="utf-8")
    assert '"msg":"kept"' in text
    assert "division by zero" not in text


def test_a_key_is_made_for_each_session() -> None:
    """The key is stored nowhere."""
    digest = "ab" * 32
    assert Privacy().digest(digest) != Privacy().digest(digest)
    assert Privacy(b"k").digest("sha256:" + digest) == "sha256:" + str(Privacy(b"k").digest(digest))
    assert Privacy().digest(None) is None
