"""Generators and discriminators: `mlp` has the networks, `registry` builds a pair by name."""
