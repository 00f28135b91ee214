"""All verbs of `%ithtel`, with what each does."""

from __future__ import annotations

from ithtel.notebook import verbs, verdicts

TABLE = {**verbs.TABLE, **verdicts.TABLE}
HELP = "\n".join(f"{name}: {(action.__doc__ or '').splitlines()[0]}" for name, action in TABLE.items())
