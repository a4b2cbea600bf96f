"""The page of one run, and lists of runs."""
