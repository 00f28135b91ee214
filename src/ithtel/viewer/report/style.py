"""How the report looks: on paper, in the light and in the dark."""

from __future__ import annotations

from ithtel.viewer.theme import THEMES, Theme

_RULES = """
:root { color-scheme: light dark; %(light)s }
@media (prefers-color-scheme: dark) { :root { %(dark)s } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 28px 24px 64px; max-width: 1060px; background: var(--background); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
h1 { font-size: 26px; line-height: 1.2; margin: 0 0 4px; }
h2 { font-size: 18px; margin: 44px 0 6px; padding-top: 14px; border-top: 1px solid var(--faint); }
p { margin: 4px 0 12px; max-width: 78ch; }
.muted, small { color: var(--muted); }
nav { margin: 10px 0 0; font-size: 13px; } nav a { color: var(--bull); margin-right: 14px; text-decoration: none; }
ul { padding-left: 20px; } li { margin: 2px 0; max-width: 82ch; }
svg { display: block; width: 100%%; height: auto; margin: 10px 0 6px; font: 11px system-ui, "DejaVu Sans", sans-serif; }
svg text { fill: var(--ink); } svg text.muted { fill: var(--muted); } svg text.small { font-size: 9.5px; }
svg text.bull { fill: var(--bull); } svg text.bear { fill: var(--bear); } svg text.strong { font-weight: 600; }
svg text.muted.small { fill: var(--muted); }
.axis { stroke: var(--faint); stroke-width: 1; } .zero { stroke: var(--muted); stroke-width: 1; }
.dashed { stroke: var(--muted); stroke-width: 1; stroke-dasharray: 5 4; fill: none; }
.dotted { stroke: var(--muted); stroke-width: 1; stroke-dasharray: 1.5 3; fill: none; }
.ink, .price, .fit, .own { fill: none; stroke-width: 1.3; }
.ink { stroke: var(--ink); } .price { stroke: var(--price); }
.fit { stroke: var(--bear); } .own { stroke: var(--bull); }
.bull-fill { fill: var(--bull); } .bear-fill { fill: var(--bear); } .muted-fill { fill: var(--muted); }
.hollow { fill: var(--background); stroke: var(--muted); stroke-width: 1.1; }
.bar { fill: var(--bull); fill-opacity: .38; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 12.5px; font-variant-numeric: tabular-nums; margin: 8px 0; }
th { text-align: left; font-weight: 600; color: var(--muted); border-bottom: 1px solid var(--faint); }
th, td { padding: 2px 12px 2px 0; white-space: nowrap; } td.n, th.n { text-align: right; }
td.lost { color: var(--bear); } tbody tr:hover { background: color-mix(in srgb, var(--bull) 10%%, transparent); }
summary { cursor: pointer; color: var(--bull); margin: 8px 0; }
@media print { body { max-width: none; padding: 0; } nav { display: none; } h2, svg { break-inside: avoid; } }
"""


def css() -> str:
    """Return the style sheet."""
    return (_RULES % {name: _variables(THEMES[name]) for name in ("light", "dark")}).strip()


def _variables(theme: Theme) -> str:
    names = ("background", "ink", "muted", "faint", "price", "bull", "bear")
    return " ".join(f"--{name}: {getattr(theme, name)};" for name in names)
