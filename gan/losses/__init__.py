"""Adversarial objectives: `catalog` describes them without torch, `objectives` computes them."""
