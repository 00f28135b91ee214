"""The format file for lnav describes every field of a line."""

from __future__ import annotations

import json

from ithtel.commands.log.lnav import NAME, lnav_format
from ithtel.events import Envelope


def test_every_field_of_the_envelope_is_described() -> None:
    """Those that lnav itself interprets have their own keys."""
    definition = json.loads(lnav_format())[NAME]
    own = {definition[key] for key in ("timestamp-field", "level-field", "body-field")}
    assert {*Envelope.__struct_fields__} == {*definition["value"]} | own


def test_numbers_and_objects_have_their_kinds() -> None:
    """So that lnav's SQL can use them."""
    value = json.loads(lnav_format())[NAME]["value"]
    kinds = [value[name]["kind"] for name in ("seq", "duration_ms", "context", "component")]
    assert ["integer", "float", "json", "string"] == kinds
