"""The writing side: sessions, the way of their lines to the disk, and the bridge from loguru.

`session` draws the way from `emit` to the disk. Nothing outside this package writes a line of a log.
"""
