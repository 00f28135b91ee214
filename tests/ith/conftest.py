"""Properties of compiled code have no deadline: the first example of a process may load or compile a kernel."""

from hypothesis import settings

settings.register_profile("compiled", deadline=None)
settings.load_profile("compiled")
