"""Comparing settings fairly: what is varied, what is held equal, and what the figures say.

Maths layer, without torch and without a disk: `gan.runs.comparisons` keeps comparisons and has
them trained.
"""
