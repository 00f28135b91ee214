"""Which files a copy must hold, and where they lie in it, so that nothing is ever written outside of the copy."""
