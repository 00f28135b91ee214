"""`attributes_part`: what an instance of a class derived from an array or table keeps besides its values."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ithtel.provenance.fp1.arrays import PLAIN
from ithtel.provenance.fp1.loaded import is_a, type_name
from ithtel.provenance.fp1.objects import Encoder
from ithtel.provenance.fp1.state import own_attributes

if TYPE_CHECKING:
    from ithtel.provenance.fp1.digest import Method

_OF_MASKED = frozenset({
    "_mask", "_fill_value", "_hardmask", "_sharedmask", "_isfield", "_baseclass", "_optinfo", "_basedict", "_data",
})  # fmt: skip
_OF_PANDAS = frozenset({"_mgr", "_name", "_attrs", "_flags", "_item_cache", "_is_copy", "_cacher"})
"""What pandas keeps in each table: its values, labels and caches; `attrs` and flags are not part of a fingerprint."""


def attributes_part(array: Any, method: Method) -> dict[str, str]:  # noqa: ANN401
    """Return the digest of further attributes as a part of the header; nothing if there are none."""
    if type(array) in PLAIN:
        return {}
    kept = own_attributes(array, type(array))
    return _part({name: part for name, part in kept.items() if name not in _OF_MASKED}, method)


def table_kind(table: Any, kind: str) -> str:  # noqa: ANN401
    """Return the kind of a table or Series of pandas, with the name of its class if it is derived from pandas' own."""
    return kind if _is_plain(table) else f"{kind}:{type_name(type(table))}"


def table_attributes(table: Any, method: Method) -> dict[str, str]:  # noqa: ANN401
    """Return the digest of what a class derived from a table or Series keeps: `_metadata` and other attributes."""
    if _is_plain(table):
        return {}
    names = [name for name in getattr(type(table), "_metadata", ()) if name != "_name"]
    declared = {name: getattr(table, name) for name in names if hasattr(table, name)}
    kept = {name: part for name, part in own_attributes(table, type(table)).items() if name not in _OF_PANDAS}
    return _part({**kept, **declared}, method)


def _is_plain(table: Any) -> bool:  # noqa: ANN401
    pandas = sys.modules.get("pandas")
    return pandas is None or not is_a(table, "pandas", "DataFrame", "Series") or type(table) in (
        pandas.DataFrame, pandas.Series,
    )  # fmt: skip


def _part(attributes: dict[str, Any], method: Method) -> dict[str, str]:
    return {"attributes": method.hexdigest(Encoder(method).token(attributes))} if attributes else {}
