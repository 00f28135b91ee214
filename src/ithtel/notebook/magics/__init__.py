"""The magics and the verbs of `%ithtel`."""
