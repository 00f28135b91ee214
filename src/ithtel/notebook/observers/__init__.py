"""The observers of a running cell: names, values, random streams, files, outputs, imports, the network.

It holds more than 14 modules because each observes one aspect, and they share what `hooks.py` gives them.
"""
