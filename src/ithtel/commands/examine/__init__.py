"""The statistical examination of a NAV."""
