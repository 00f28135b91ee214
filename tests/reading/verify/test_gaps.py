"""Missing numbers are kept without looking at all of them again for each line."""

from __future__ import annotations

from ithtel.reading.verify.finding import Place
from ithtel.reading.verify.gaps import Gap, Gaps

PLACE = Place(path="a", line_number=1, position=1)


def gaps(*ranges: tuple[int, int]) -> Gaps:
    """Return gaps with these first numbers and stops."""
    made = Gaps()
    for first, stop in ranges:
        made.add(Gap(place=PLACE, first=first, stop=stop))
    return made


def test_a_number_is_found_in_its_gap() -> None:
    """The first and the last number of it, and none beside it."""
    made = gaps((2, 4), (7, 2**70))
    found = [made.holding(seq) for seq in (1, 2, 3, 4, 6, 7, 2**69)]
    assert [None, 2, 2, None, None, 7, 7] == [gap and gap.first for gap in found]


def test_a_reported_loss_explains_whole_gaps() -> None:
    """A gap that it covers only in part stays open."""
    made = gaps((2, 4), (7, 9), (11, 12))
    made.explain(2, 7)
    assert [0, 2, 1] == [gap.n_missing for gap in made]
    made.explain(7, 8)
    assert [0, 0, 1] == [gap.n_missing for gap in made]
    assert (True, False) == (made.is_open_since(11), made.is_open_since(12))
