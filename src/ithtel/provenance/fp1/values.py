"""`object_event`, `guarded`: the fingerprint of a Python value, or the reason why it has none."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from ithtel.events import ObjectFingerprint
from ithtel.provenance.fp1.digest import NoFingerprintError
from ithtel.provenance.fp1.leaves import BY_TYPE, refusal, scalar
from ithtel.provenance.fp1.loaded import type_name
from ithtel.provenance.fp1.objects import Encoder

if TYPE_CHECKING:
    from collections.abc import Callable

    from ithtel.provenance.fp1.digest import Method

F = TypeVar("F")


def object_event(obj: object, name: str | None, method: Method, *, until: float | None = None) -> ObjectFingerprint:
    """Return the fingerprint of a value that is neither an array nor a table.

    Raises:
        NoFingerprintError: It has no canonical form, or is not done at `until`, by `time.thread_time`.
    """
    refused = None if type(obj) in BY_TYPE else refusal(obj)
    if refused is not None and scalar(obj) is None:  # the class `float` is a value, as a dtype is
        raise NoFingerprintError(refused)
    sha256 = method.hexdigest(Encoder(method, until).token(obj))
    total = method.fingerprint("object", "", [], [], sha256, {})
    return ObjectFingerprint(name=name, fingerprint=total, type=type_name(type(obj)))


def guarded(obj: object, name: str | None, take: Callable[[], F]) -> F | ObjectFingerprint:
    """Return the result of `take`; if the value has no fingerprint or fails, an event with the reason."""
    try:
        return take()
    except NoFingerprintError as error:
        return _refused(obj, name, str(error))
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # noqa: BLE001 - a user's object, or polars' panic, may fail in any way
        return _refused(obj, name, f"{type(error).__name__} while it was read")


def _refused(obj: object, name: str | None, reason: str) -> ObjectFingerprint:
    try:
        kind = type_name(type(obj))
    except Exception:  # noqa: BLE001 - a metaclass may fail in any way
        kind = "object"
    return ObjectFingerprint(name=name, fingerprint=None, type=kind, reason=reason)
