"""Runs on disk: their folders, the worker that trains them, and the queue that starts it."""
