"""`ProvenanceContext`: the older way to collect by hand what a result depends on."""

from __future__ import annotations

import dataclasses
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from ithtel.errors import InputError
from ithtel.events import utc_timestamp
from ithtel.events.values import canonical_digest
from ithtel.provenance.git import git_head

if TYPE_CHECKING:
    from collections.abc import Mapping


def _new_session_id() -> str:
    return f"sess_{time.strftime('%Y%m%d_%H%M%S', time.gmtime())}_{secrets.token_hex(3)}"


def _now() -> str:
    return utc_timestamp(time.time())


def _sha() -> str | None:
    head = git_head()
    return head.sha[:8] if head is not None and head.sha is not None else None


@dataclass(kw_only=True)
class ProvenanceContext:
    """The session, inputs, seeds, commit and configuration of one result.

    Attributes:
        session_id: The id of the session; a new one if not given.
        experiment_id: The experiment that the session belongs to.
        input_hashes: The name of each input, mapped to `sha256:` and the digest of its values.
        random_seeds: The name of each random stream, mapped to its seed.
        git_sha: The first 8 digits of the commit; that of the working directory if not given.
        config_hash: `sha256:` and the digest of the configuration.
        start_time: UTC, ISO 8601; the current time if not given.

    >>> context = ProvenanceContext(session_id="s", git_sha=None, start_time="2026-01-25T12:00:00.000000Z")
    >>> context.add_random_seed("numpy", 42)
    >>> context.to_dict()["random_seeds"]
    {'numpy': 42}
    """

    session_id: str = field(default_factory=_new_session_id)
    experiment_id: str | None = None
    input_hashes: dict[str, str] = field(default_factory=dict)
    random_seeds: dict[str, int] = field(default_factory=dict)
    git_sha: str | None = field(default_factory=_sha)
    config_hash: str | None = None
    start_time: str = field(default_factory=_now)

    def fingerprint_array(self, array: object, name: str | None = None) -> dict[str, Any]:
        """Return the fingerprint of an array as a mapping, and add its digest as that of an input.

        Args:
            array: An array as `ithtel.fingerprint` takes it.
            name: The name of the input; `input_1`, `input_2` … if not given.

        Raises:
            InputError: The values of `array` cannot be hashed.
        """
        from ithtel.provenance.fingerprint import fingerprint_array

        event = fingerprint_array(array, name)
        self.add_input_hash(name or f"input_{len(self.input_hashes) + 1}", f"sha256:{event.sha256}")
        fields: dict[str, Any] = msgspec.to_builtins(event)
        return fields

    def add_input_hash(self, name: str, hash: str) -> None:  # noqa: A002 - the older name
        """Add the digest of an input."""
        self.input_hashes[name] = hash

    def add_random_seed(self, name: str, seed: int) -> None:
        """Add the seed of a random stream."""
        self.random_seeds[name] = seed

    def set_config_hash(self, config_or_hash: Mapping[str, Any] | str) -> None:
        """Set the digest of the configuration; that of a mapping is computed and does not depend on the order of keys.

        Raises:
            InputError: `config_or_hash` is neither a mapping nor a string.
        """
        if isinstance(config_or_hash, str):
            self.config_hash = config_or_hash
        elif hasattr(config_or_hash, "keys"):
            self.config_hash = canonical_digest(config_or_hash)
        else:
            kind = type(config_or_hash).__name__
            raise InputError(f"config_or_hash must be a mapping or a digest, got {kind}")

    def to_dict(self) -> dict[str, Any]:
        """Return all fields as a mapping that JSON can hold."""
        return dataclasses.asdict(self)
