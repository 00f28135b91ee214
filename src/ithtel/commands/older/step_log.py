"""`ITHStepLogger`, `compare_step_logs`: record two implementations of the ITH machine bar by bar, and compare them."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from ithtel.commands.older.calls import get_trace_id
from ithtel.events import utc_timestamp
from ithtel.events.values import to_json_value

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable

    from ithtel.events import Json

Tolerance = tuple[float, float]
_NOT_COMPARED = frozenset({"step", "ts", "component", "trace_id", "impl"})
_ABSENT = object()


class ITHStepLogger:
    """Keeps the steps of one implementation bar by bar, unrounded, in the form of the older system.

    Args:
        component: `bull_ith` or `bear_ith`.
        implementation: The implementation that ran: `numba`, `rust` …
        nav_hash: The digest of the input, so that only runs over the same data are compared.
        clock: Returns the time in seconds since 1970.

    >>> log = ITHStepLogger("bull_ith", "mine", "sha256:…")
    >>> log.log_result(num_epochs=3, intervals_cv=0.25)
    >>> log.steps[-1]["num_epochs"]
    3
    """

    def __init__(
        self, component: str, implementation: str, nav_hash: str, *, clock: Callable[[], float] = time.time
    ) -> None:
        self.component = component
        self.implementation = implementation
        self.nav_hash = nav_hash
        self.steps: list[Json] = []
        self._clock = clock

    def log_init(self, nav_len: int, tmaeg: float, nav_first: float, nav_last: float) -> None:
        """Keep the input of the run."""
        given = {"nav_len": nav_len, "tmaeg": tmaeg, "nav_first": nav_first, "nav_last": nav_last}
        self._add("init", {"i": 0, **given, "impl": self.implementation, "nav_hash": self.nav_hash})

    def log_iteration(  # noqa: PLR0917 - the order of the older one
        self,
        i: int,
        equity: float,
        next_equity: float,
        excess_gain: float,
        excess_loss: float,
        endorsing_crest: float,
        candidate_crest: float,
        candidate_nadir: float,
        reset_condition: bool,
        epoch: bool,
        **extra: object,
    ) -> None:
        """Keep the state of the machine at one bar, before any reset; `extra` fields are compared too."""
        levels = {
            "endorsing_crest": endorsing_crest,
            "candidate_crest": candidate_crest,
            "candidate_nadir": candidate_nadir,
        }
        excess = {"excess_gain": excess_gain, "excess_loss": excess_loss}
        flags = {"reset_condition": reset_condition, "epoch": epoch}
        self._add("iter", {"i": i, "equity": equity, "next_equity": next_equity, **excess, **levels, **flags, **extra})

    def log_epoch_event(  # noqa: PLR0917 - the order of the older one
        self,
        epoch_index: int,
        bar_index: int,
        excess_gain: float,
        excess_loss: float,
        endorsing_crest: float,
        candidate_nadir: float,
        tmaeg: float,
        timestamp: str | None = None,
        nav_at_epoch: float | None = None,
    ) -> None:
        """Keep an epoch."""
        fields = {
            "epoch_index": epoch_index,
            "bar_index": bar_index,
            "timestamp": timestamp,
            "excess_gain": excess_gain,
            "excess_loss": excess_loss,
            "endorsing_crest": endorsing_crest,
            "candidate_nadir": candidate_nadir,
            "tmaeg_threshold": tmaeg,
            "position_type": self.component.partition("_")[0],
            "nav_at_epoch": nav_at_epoch,
        }
        self._add("epoch_detected", fields)

    def log_result(
        self,
        num_epochs: int,
        intervals_cv: float,
        max_drawdown: float | None = None,
        max_runup: float | None = None,
    ) -> None:
        """Keep the result of the run."""
        fields = {"num_epochs": num_epochs, "intervals_cv": intervals_cv}
        optional = {"max_drawdown": max_drawdown, "max_runup": max_runup}
        fields |= {name: value for name, value in optional.items() if value is not None}
        self._add("result", {**fields, "impl": self.implementation, "nav_hash": self.nav_hash})

    def to_ndjson(self) -> str:
        r"""Return all steps as NDJSON, without a final `\n`; NaN has its tagged form, and nothing is rounded.

        The lines carry the trace id of the running session. If none is running, a session named `script` is started.
        """
        head = {"component": self.component, "trace_id": get_trace_id()}
        return "\n".join(msgspec.json.encode({**head, **to_json_value(step)}).decode() for step in self.steps)

    def write_to_file(self, path: str | os.PathLike[str]) -> None:
        """Write all steps to a file; its folder is created if it does not exist."""
        file = Path(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(self.to_ndjson() + "\n" if self.steps else "", encoding="utf-8")

    def _add(self, step: str, fields: Json) -> None:
        plain = {name: _python(value) for name, value in fields.items()}
        self.steps.append({"step": step, "ts": utc_timestamp(self._clock()), **plain})


def compare_step_logs(
    numba_log: ITHStepLogger | str | os.PathLike[str],
    rust_log: ITHStepLogger | str | os.PathLike[str],
    rtol: float = 1e-9,
    atol: float = 1e-12,
) -> Json:
    """Compare the steps of two implementations: the input, every bar, every epoch, the result.

    Numbers are equal if `abs(a - b) <= atol + rtol * abs(a)`. If both tolerances are 0, they must be equal to the bit,
    except for the sign of zero. NaN equals only NaN, and an infinity only itself. A field or a result that only one log
    has is a difference. Nothing is rounded first.

    Args:
        numba_log: A step log, or the file that one was written to; the names are those of the older system.
        rust_log: The other step log, or its file.
        rtol: The relative tolerance.
        atol: The absolute tolerance.

    Returns:
        `aligned`, `total_iterations`, `discrepancy_count` and `discrepancies`. Each discrepancy has a `type`
        (`input_mismatch`, `length_mismatch`, `iteration_mismatch`, `epoch_mismatch`, `epoch_count_mismatch`,
        `cv_mismatch`, `result_mismatch`, `result_missing`) and the values of both logs.
    """
    one, other = _steps(numba_log), _steps(rust_log)
    tolerance = (rtol, atol)
    iterations = _of(one, "iter"), _of(other, "iter")
    found = [
        *_compare_inits(_of(one, "init"), _of(other, "init"), tolerance),
        *_compare_lists("iteration_mismatch", *iterations, tolerance),
        *_compare_lists("epoch_mismatch", _of(one, "epoch_detected"), _of(other, "epoch_detected"), tolerance),
        *_compare_results(_of(one, "result"), _of(other, "result"), tolerance),
    ]
    return {
        "aligned": not found,
        "total_iterations": len(iterations[0]),
        "discrepancy_count": len(found),
        "discrepancies": found,
    }


def _python(value: Any) -> Any:  # noqa: ANN401 - any logged value
    """Return a NumPy scalar as a Python number, so that it is compared as one."""
    return value.item() if isinstance(value, np.generic) else value


def _steps(log: ITHStepLogger | str | os.PathLike[str]) -> list[Json]:
    if isinstance(log, ITHStepLogger):
        return log.steps
    lines = Path(log).read_bytes().splitlines()
    return [{name: _read(value) for name, value in msgspec.json.decode(line).items()} for line in lines if line.strip()]


def _read(value: Any) -> Any:  # noqa: ANN401 - a value of JSON
    return float(value["$float"]) if isinstance(value, dict) and value.keys() == {"$float"} else value


def _of(steps: Iterable[Json], kind: str) -> list[Json]:
    return [step for step in steps if step.get("step") == kind]


def _compare_inits(one: list[Json], other: list[Json], tolerance: Tolerance) -> list[Json]:
    """Compare the inputs if both logs have one; an implementation need not write it."""
    fields = _differences(one[0], other[0], tolerance) if one and other else []
    return [{"type": "input_mismatch", "fields": fields}] if fields else []


def _compare_lists(kind: str, one: list[Json], other: list[Json], tolerance: Tolerance) -> list[Json]:
    found: list[Json] = []
    if len(one) != len(other):
        what = kind.partition("_")[0]
        found.append({"type": "length_mismatch", "of": what, "numba_len": len(one), "rust_len": len(other)})
    for index, (first, second) in enumerate(zip(one, other, strict=False)):
        if fields := _differences(first, second, tolerance):
            bar = first.get("i", first.get("bar_index"))
            found.append({"type": kind, "index": index, "i": bar, "fields": fields})
    return found


def _compare_results(one: list[Json], other: list[Json], tolerance: Tolerance) -> list[Json]:
    if bool(one) != bool(other):
        return [{"type": "result_missing", "numba": bool(one), "rust": bool(other)}]
    kinds = {"num_epochs": "epoch_count_mismatch", "intervals_cv": "cv_mismatch"}
    fields = _differences(one[0], other[0], tolerance) if one else []
    return [{"type": kinds.get(each["field"], "result_mismatch"), **each} for each in fields]


def _differences(one: Json, other: Json, tolerance: Tolerance) -> list[Json]:
    """Return the fields in which two steps differ; if one lacks a field, only the value of the other is given."""
    found: list[Json] = []
    for name in dict.fromkeys([*one, *other]):
        a, b = one.get(name, _ABSENT), other.get(name, _ABSENT)
        if name in _NOT_COMPARED or _is_equal(a, b, tolerance):
            continue
        values = {key: value for key, value in (("numba", a), ("rust", b)) if value is not _ABSENT}
        found.append({"field": name, **values, **({"diff": abs(a - b)} if _are_numbers(a, b) else {})})
    return found


def _is_equal(a: Any, b: Any, tolerance: Tolerance) -> bool:  # noqa: ANN401 - any logged value
    if not _are_numbers(a, b):
        return type(a) is type(b) and bool(a == b)
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    rtol, atol = tolerance
    return bool(a == b or (math.isfinite(a) and math.isfinite(b) and abs(a - b) <= atol + rtol * abs(a)))


def _are_numbers(a: Any, b: Any) -> bool:  # noqa: ANN401
    return all(isinstance(each, int | float) and not isinstance(each, bool) for each in (a, b))
