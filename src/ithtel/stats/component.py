"""Under which name the statistics stand in a log."""

COMPONENT = "statistical_examination"
