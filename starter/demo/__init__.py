"""The demonstration: a story for each level, told as it happens, then a real register; time is skipped."""
