"""Modules by the names that they had before 0.2, so that objects pickled then can be loaded.

`ithtel/commands/__init__.py` adds this folder to its search path: `ithtel.commands.outcome` is found here. Each module
warns when it is imported, and goes with the next release: load such a file now, and pickle the object again.
"""
