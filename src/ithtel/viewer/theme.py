"""`Theme`, `theme_of`: colours for a light, a dark and an unknown background."""

from __future__ import annotations

import msgspec

from ithtel.errors import InputError, did_you_mean


class Theme(msgspec.Struct, frozen=True, kw_only=True):
    """Colours by role. Blue and orange differ for every kind of colour vision; shapes repeat what colours show."""

    background: str | None
    ink: str
    muted: str
    faint: str
    price: str
    bull: str
    bear: str
    failed: str
    fill_alpha: float

    def roles(self) -> dict[str, str]:
        """Return the colour of each role, as the style sheets of pages name it."""
        names = ("background", "ink", "muted", "faint", "price", "bull", "bear", "failed")
        return {name: colour for name in names if (colour := getattr(self, name)) is not None}

    def side(self, side: str | None) -> str:
        """Return the colour of a side."""
        return {"bull": self.bull, "bear": self.bear}.get(side or "", self.ink)

    def strokes(self) -> list[str]:
        """Return the colours that text and lines are drawn in."""
        return [self.ink, self.muted, self.price, self.bull, self.bear, self.failed]


THEMES: dict[str, Theme] = {
    "light": Theme(
        background="#ffffff", ink="#1f2328", muted="#656d76", faint="#d5dae0", price="#4a525c",
        bull="#0b5fbf", bear="#b9500b", failed="#a4133c", fill_alpha=0.09,
    ),
    "dark": Theme(
        background="#111111", ink="#e6e8eb", muted="#9aa2ab", faint="#3a3f45", price="#b4bcc5",
        bull="#6cb0ff", bear="#ff9d57", failed="#ff7d9c", fill_alpha=0.13,
    ),
    # every stroke between 3.3 and 5 to 1 on white and on #111111 both
    "auto": Theme(
        background=None, ink="#7b8087", muted="#858a91", faint="#85858566", price="#808891",
        bull="#2f80dd", bear="#cc6a1c", failed="#d9466f", fill_alpha=0.12,
    ),
}  # fmt: skip


def theme_of(name: str) -> Theme:
    """Return the theme of that name.

    Raises:
        InputError: There is no such theme.
    """
    if name not in THEMES:
        raise InputError(f"no theme {name!r}{did_you_mean(name, THEMES)}")
    return THEMES[name]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours as WCAG 2.2 defines it, 1 to 21.

    >>> round(contrast("#ffffff", "#000000"), 1)
    21.0
    """
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]  # noqa: PLR2004 - WCAG
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
