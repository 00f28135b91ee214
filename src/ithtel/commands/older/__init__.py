"""The functions and classes of the older system, kept working. Nothing else in ithtel imports this room."""
