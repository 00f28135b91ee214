"""`Request`, `summarized`, `is_dropped`: requests for entropy, as a watch hears them and as events."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from ithtel.events import EntropyRequest

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

Source = Literal["numpy", "python", "uuid", "os"]


class Request(msgspec.Struct):
    """One request.

    Attributes:
        source: A generator of NumPy or of Python, `uuid4`, or `os.urandom` and what rests on it.
        owner: The code that asked.
        n_bits: How much it asked for.
        number: What it got; None for `os`, which makes keys.
        generator: What was seeded, if it can be held: a `random.Random`, the bit generator of a `RandomState`.
        is_import: Whether a module asked while it was imported.
        is_given: Whether the number is a recorded one.
    """

    source: Source
    owner: str
    n_bits: int
    number: int | None = None
    generator: Any = None
    is_import: bool = False
    is_given: bool = False

    @property
    def was_overruled(self) -> bool:
        """Whether a seed followed: `RandomState(42)` asks the operating system first, and then forgets the answer."""
        return self.source == "numpy" and self.generator is not None and self.generator.seed_seq is None

    @property
    def may_have_been_used(self) -> bool:
        """Whether numbers may have been drawn; False only if the generator still stands where its seed put it."""
        if self.generator is None:
            return True
        if self.source == "python":
            if type(self.generator) is not random.Random:
                return True
            return bool(self.generator.getstate() != random.Random(self.number).getstate())  # noqa: S311 - no secret
        fresh = type(self.generator)(self.generator.seed_seq)
        return bool((self.generator.state["state"]["key"] != fresh.state["state"]["key"]).any())


def summarized(requests: Iterable[Request], execution_count: int | None) -> list[EntropyRequest]:
    """Return one event per source and caller, in the order in which each asked first.

    Of what an import asks for itself, only the seeds of generators are recorded, since only they can be given back.
    """
    groups: dict[tuple[Source, str, bool], list[Request]] = {}
    for request in requests:
        if request.is_import and request.source == "os":
            continue
        groups.setdefault((request.source, request.owner, request.is_import), []).append(request)
    return [
        EntropyRequest(
            execution_count=execution_count,
            source=source,
            owner=owner,
            n_requests=len(group),
            n_bits=sum(each.n_bits for each in group),
            numbers=None if source == "os" else [str(each.number) for each in group],
            is_import=is_import,
            n_given=sum(each.is_given for each in group),
        )
        for (source, owner, is_import), group in groups.items()
    ]


def is_dropped(request: Request, kept: Container[str | None]) -> bool:
    """Return whether a request seeded a generator that no variable keeps, and that may have been drawn from.

    Args:
        request: The request.
        kept: The entropies of the generators that variables hold.
    """
    if request.source in {"os", "uuid"} or request.is_import:
        return False
    return str(request.number) not in kept and request.may_have_been_used
