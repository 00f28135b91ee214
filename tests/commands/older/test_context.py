"""`ProvenanceContext` collects what a result depends on."""

from __future__ import annotations

import hashlib
import json
import re

import numpy as np
import pytest

from ithtel.commands.older.context import ProvenanceContext
from ithtel.errors import InputError
from ithtel.provenance.git import git_head

VALUES = np.array([1.0, 2.0, 4.0])


def test_defaults() -> None:
    """Without arguments there is a new session, at the present commit."""
    context = ProvenanceContext()
    assert re.fullmatch(r"sess_\d{8}_\d{6}_[0-9a-f]{6}", context.session_id)
    head = git_head()
    assert context.git_sha == (head.sha[:8] if head and head.sha else None)


def test_sessions_differ() -> None:
    """Two contexts have different sessions and share no state."""
    one, two = ProvenanceContext(), ProvenanceContext()
    one.add_random_seed("numpy", 1)
    assert one.session_id != two.session_id
    assert {} == two.random_seeds


def test_older_call() -> None:
    """The older call works."""
    context = ProvenanceContext(session_id="s", experiment_id="e")
    assert ("s", "e") == (context.session_id, context.experiment_id)


def test_fingerprint() -> None:
    """The fingerprint is returned as a mapping, and its digest is added as an input."""
    context = ProvenanceContext()
    mapping = context.fingerprint_array(VALUES, "nav")
    assert hashlib.sha256(VALUES.tobytes()).hexdigest() == mapping["sha256"]
    assert {"nav": f"sha256:{mapping['sha256']}"} == context.input_hashes


@pytest.mark.parametrize("key", ["name", "sha256", "shape", "dtype", "range", "checksum_first_10", "n_nans"])
def test_older_keys(key: str) -> None:
    """The mapping has the older keys."""
    assert key in ProvenanceContext().fingerprint_array(VALUES, "nav")


def test_unnamed() -> None:
    """Inputs without a name are numbered."""
    context = ProvenanceContext()
    context.fingerprint_array(VALUES)
    context.fingerprint_array(VALUES)
    assert ["input_1", "input_2"] == list(context.input_hashes)


def test_config() -> None:
    """A configuration's digest does not depend on the order of its keys."""
    one, two = ProvenanceContext(), ProvenanceContext()
    one.set_config_hash({"a": 1, "b": 2})
    two.set_config_hash({"b": 2, "a": 1})
    assert one.config_hash == two.config_hash
    assert str(one.config_hash).startswith("sha256:")


def test_config_hash() -> None:
    """A digest that is given is kept."""
    context = ProvenanceContext()
    context.set_config_hash("sha256:abc")
    assert "sha256:abc" == context.config_hash


def test_bad_config() -> None:
    """A value that is neither a mapping nor a digest is refused."""
    with pytest.raises(InputError, match="must be a mapping or a digest, got int"):
        ProvenanceContext().set_config_hash(3)


def test_json() -> None:
    """The mapping can be written as JSON."""
    context = ProvenanceContext(experiment_id="e")
    context.fingerprint_array(VALUES, "nav")
    context.add_random_seed("numpy", 42)
    context.add_input_hash("file", "sha256:00")
    fields = context.to_dict()
    assert fields == json.loads(json.dumps(fields))
    names = ["session_id", "experiment_id", "input_hashes", "random_seeds", "git_sha", "config_hash", "start_time"]
    assert names == list(fields)
