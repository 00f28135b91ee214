"""Investment Time Horizon numerics.

Knows no events, no files, no pandas index. Importing it loads neither numba nor any of its modules.
"""
