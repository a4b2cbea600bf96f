"""Adversarial objectives and what keeps them stable.

`catalog` and `regularisers` describe them without torch; `objectives` and `penalties` compute them.
"""
