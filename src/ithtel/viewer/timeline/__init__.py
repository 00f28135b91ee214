"""The picture of a timeline: one panel per series with its epochs, and below them the lanes of what ran."""
