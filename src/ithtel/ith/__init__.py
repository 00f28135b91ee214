"""The numerics of Investment Time Horizon: from a checked series, a `Nav`, to epochs, fitness and features.

This room writes no events and opens no files. Functions that take a `Nav` do not check it again. Importing the package
itself loads neither numba nor any of its modules.
"""
