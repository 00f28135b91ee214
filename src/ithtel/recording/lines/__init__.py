"""One line of a log: the encoding of an event and its envelope."""
