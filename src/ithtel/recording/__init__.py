"""Writing: sessions, where their lines go, and the bridge from loguru. The only code that emits events."""
