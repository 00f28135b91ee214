"""Modules under their former names, so that objects that were pickled then can be loaded.

`ithtel/commands/__init__.py` adds this folder to its search path, so `ithtel.commands.outcome` is found here. Each
module warns when it is imported. The next release removes them: load such an object now and pickle it again.
"""
