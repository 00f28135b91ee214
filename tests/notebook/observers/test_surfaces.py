"""`Surfaces` sees which attributes are bound anew."""

from __future__ import annotations

from types import SimpleNamespace

from ithtel.notebook.observers.surfaces import Surfaces


class Model:
    weights: object = None


def test_an_attribute_bound_anew_is_a_change() -> None:
    """What is seen first is not; nor is another object."""
    surfaces, model = Surfaces(), Model()
    assert not surfaces.has_changed("m", model)
    model.weights = [1]
    assert surfaces.has_changed("m", model)
    assert not surfaces.has_changed("m", model)
    assert not surfaces.has_changed("m", SimpleNamespace(a=1))


def test_deleted_names_are_forgotten() -> None:
    """Only those that the namespace has are kept."""
    surfaces = Surfaces()
    surfaces.has_changed("m", Model())
    surfaces.keep(frozenset({"other"}))
    assert "m" not in surfaces
