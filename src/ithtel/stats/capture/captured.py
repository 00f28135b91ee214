"""`events`: the result of a `scipy.stats` call as events, one per p-value."""

from __future__ import annotations

import functools
import hashlib
import inspect
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from ithtel.events import NOT_TESTED, HypothesisResult, Json
from ithtel.events.statistics import HypothesisDetails
from ithtel.events.values import to_json_value
from ithtel.stats.hypothesis import ID_DIGITS, UNNAMED
from ithtel.stats.sample import digest, finite

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ithtel.stats.sample import Floats

ALPHA = 0.05
"""SciPy makes no decision; a smaller p-value is `significant`."""
MAX_EVENTS = 1000
"""Events of one call, such as a call on the columns of a table."""
MAX_NAMES = 400
_PLAIN = (str, int, float, bool, type(None), np.number, np.bool_)


def events(
    name: str, args: Sequence[Any], kwargs: Mapping[str, Any], result: object, names: Mapping[str, object]
) -> Iterator[HypothesisResult]:
    """Yield a `hypothesis_result` for each p-value of `result`.

    Args:
        name: The name of the function.
        args: Its arguments.
        kwargs: Its keyword arguments.
        result: What it returned.
        names: The caller's variables, to find the names of the arguments.
    """
    given = dict(zip(_parameters(name, len(args)), args, strict=False)) | dict(kwargs)
    arrays = {key: array for key, value in given.items() if (array := _numbers(value)) is not None}
    digests = {key: digest(array) for key, array in arrays.items()}
    others = {key: _plain(value) for key, value in given.items() if key not in arrays}
    input_hash = digest(*arrays.values()) if len(arrays) > 1 else next(iter(digests.values()), None)
    n_nan = sum(int(np.isnan(array).sum()) for array in arrays.values())
    n_dropped = n_nan if given.get("nan_policy") == "omit" else 0
    test_name, subject = f"scipy.stats.{name}", _subject([given[key] for key in arrays], names)
    arguments = (to_json_value(others) if others else {}) | digests
    context: Json = {"function": test_name, "arguments": arguments}
    shapes = [array.shape for array in arrays.values()]
    is_one = np.ndim(getattr(result, "pvalue", 0)) == 0
    for i, (statistic, p_value) in enumerate(_outcomes(result)[:MAX_EVENTS]):
        place = {} if is_one else {"element": i}
        decision, reason = _decide(p_value)
        yield HypothesisResult(
            hypothesis_id=_id(test_name, (arguments, shapes, subject, place)),
            test_name=test_name,
            statistic=finite(statistic),
            p_value=finite(p_value),
            effect_size=None,
            alpha=ALPHA,
            decision=decision,
            subject=f"{subject}[{i}]" if place else subject,
            n_samples=sum(array.size for array in arrays.values()) - n_dropped if arrays else None,
            n_dropped=n_dropped if arrays else None,
            input_hash=input_hash,
            details=None if decision == NOT_TESTED else HypothesisDetails(context=context | place),
            reason=reason,
        )


def _id(test_name: str, what: tuple[object, ...]) -> str:
    """Return an id like `make_id`, for values that are JSON already, in a third of the time."""
    return f"{test_name}:{hashlib.sha256(msgspec.json.encode(what, order='sorted')).hexdigest()[:ID_DIGITS]}"


def _decide(p_value: float | None) -> tuple[str, str | None]:
    if p_value is None:
        return "reported", None
    if not 0 <= p_value <= 1:
        return NOT_TESTED, f"SciPy's p-value is {p_value}"
    return ("significant" if p_value < ALPHA else "not_significant"), None


def _outcomes(result: object) -> list[tuple[float | None, float | None]]:
    """Return each statistic with its p-value; each pair once if the table is symmetric."""
    p_value = getattr(result, "pvalue", None)
    statistic = getattr(result, "statistic", getattr(result, "rvalue", None))
    if p_value is None and isinstance(result, tuple) and len(result) == 2 and np.ndim(result[1]) == 0:  # noqa: PLR2004
        statistic, p_value = result
    if p_value is None:
        return [(_number(statistic), None)]
    p_values = np.asarray(p_value, dtype=float)
    if p_values.ndim == 0:
        return [(_number(statistic), float(p_values))]
    statistics = np.broadcast_to(np.asarray(statistic, dtype=float), p_values.shape)
    if _is_symmetric(p_values):
        pairs = np.triu_indices(len(p_values), 1)
        p_values, statistics = p_values[pairs], statistics[pairs]
    return list(zip(statistics.ravel().tolist(), p_values.ravel().tolist(), strict=True))


def _is_symmetric(table: Floats) -> bool:
    is_square = table.ndim == 2 and table.shape[0] == table.shape[1]  # noqa: PLR2004 - rows and columns
    return is_square and np.allclose(table, table.T, equal_nan=True)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float | np.number) else None


@functools.cache
def _signature(name: str) -> tuple[str, ...]:
    import scipy.stats

    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = inspect.signature(getattr(scipy.stats, name)).parameters.values()
    return tuple(parameter.name for parameter in parameters if parameter.kind in kinds)


def _parameters(name: str, n: int) -> list[str]:
    """Return the names of the first `n` arguments; those of `*samples` are numbered."""
    known = _signature(name)
    return [*known[:n], *(f"sample{i}" for i in range(len(known[:n]), n))]


def _numbers(value: Any) -> Floats | None:  # noqa: ANN401 - an argument
    """Return an argument that holds data as float64; None for any other argument."""
    if isinstance(value, _PLAIN) or callable(value) or not hasattr(value, "__len__") or isinstance(value, dict | bytes):
        return None
    array = np.asarray(value)
    return array.astype(np.float64) if array.dtype.kind in "biuf" and array.ndim else None


def _plain(value: Any) -> Any:  # noqa: ANN401 - an argument
    if isinstance(value, _PLAIN):
        return value
    return getattr(value, "__qualname__", None) or f"<{type(value).__name__}>"


def _subject(values: list[Any], names: Mapping[str, object]) -> str:
    """Return the names of the samples: those of the Series, else those of the caller's variables."""
    wanted = {id(value): getattr(value, "name", None) for value in values}
    missing = {key for key, name in wanted.items() if not isinstance(name, str)}
    if missing and len(names) <= MAX_NAMES:
        for name, value in names.items():
            if id(value) in missing and name[:1] != "_":
                wanted[id(value)] = name
                missing.discard(id(value))
    found = [wanted[id(value)] for value in values]
    return " | ".join(name if isinstance(name, str) else UNNAMED for name in found) if any(found) else UNNAMED
