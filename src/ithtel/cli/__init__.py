"""`ithtel …`: arguments, exit codes, printing. One function a verb, each calls one command.

Exit codes: 0 fine, 1 a negative verdict, 2 an error.
"""

from __future__ import annotations

from ithtel.cli.entry import main
from ithtel.cli.root import app

__all__ = ["app", "main"]
