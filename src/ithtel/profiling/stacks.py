"""`Stacks`: how often each stack was sampled, and which of the user's functions took the most time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ithtel.profiling.frames import Frame, Places, RawFrame

if TYPE_CHECKING:
    from collections.abc import Mapping

RawStacks = Counter[tuple[RawFrame, ...]]
Stack = tuple[Frame, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Hot:
    """A function of the user's own code, and its share of all samples."""

    function: str
    file: str
    line: int | None
    """The line of the function that was sampled most often."""
    own: float
    """The share in which it was the innermost function of the user's own: its lines, and libraries that they call."""
    total: float
    """The share in which it was on the stack."""

    @property
    def where(self) -> str:
        """File and line."""
        return self.file if self.line is None else f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Stacks:
    r"""Stacks, outermost frame first, and the number of samples of each.

    >>> stack = (Frame("burn", "hot.py", 6, "own"),)
    >>> Stacks({stack: 3}).folded()
    'burn (hot.py:6) 3\n'
    """

    counts: Mapping[Stack, int]

    @classmethod
    def fold(cls, raw: RawStacks, places: Places) -> Stacks:
        """Return the samples without machinery and idle threads."""
        counts: Counter[Stack] = Counter()
        for stack, n in raw.items():
            folded = places.fold(stack)
            if folded:
                counts[folded] += n
        return cls(counts)

    @property
    def n_samples(self) -> int:
        """The total number of samples."""
        return sum(self.counts.values())

    def folded(self) -> str:
        """Return the stacks as text, one per line, as flamegraph.pl, inferno and speedscope read it."""
        lines = sorted(f"{';'.join(frame.text for frame in stack)} {n}" for stack, n in self.counts.items())
        return "".join(line + "\n" for line in lines)

    def by_function(self) -> Stacks:
        """Return the same without line numbers, so that each function is one frame."""
        counts: Counter[Stack] = Counter()
        for stack, n in self.counts.items():
            counts[tuple(frame._replace(line=None) for frame in stack)] += n
        return Stacks(counts)

    def hottest(self, n: int = 10) -> list[Hot]:
        """Return the functions of the user's own code that took the most time, the hottest first.

        If there is no code of the user, as in `python -m package`, all code counts.
        """
        is_own = any(frame.kind == "own" for stack in self.counts for frame in stack)
        own: Counter[tuple[str, str]] = Counter()
        total: Counter[tuple[str, str]] = Counter()
        lines: dict[tuple[str, str], Counter[int | None]] = {}
        for stack, count in self.counts.items():
            mine = [frame for frame in stack if frame.kind == "own" or not is_own]
            for frame in mine[-1:]:
                own[frame.function, frame.file] += count
            for key, line in {(frame.function, frame.file): frame.line for frame in mine}.items():
                total[key] += count
                lines.setdefault(key, Counter())[line] += count
        ranked = sorted(total, key=lambda key: (-own[key], -total[key], key))
        whole = max(self.n_samples, 1)
        return [
            Hot(function=key[0], file=key[1], line=_most(lines[key]), own=own[key] / whole, total=total[key] / whole)
            for key in ranked[:n]
        ]


def parse(text: str) -> RawStacks:
    """Return the stacks in a text of py-spy's raw format; other lines are ignored."""
    stacks: RawStacks = Counter()
    for line in text.splitlines():
        frames, _, count = line.rpartition(" ")
        if frames and count.isdigit() and not line.startswith("#"):
            stacks[tuple(map(RawFrame.parse, frames.split(";")))] += int(count)
    return stacks


def _most(lines: Counter[int | None]) -> int | None:
    return min(lines, key=lambda line: (-lines[line], line or 0))
