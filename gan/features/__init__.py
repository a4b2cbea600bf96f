"""Networks that turn pictures into numbers, which the quality measures compare.

Maths layer. `catalog` says, without torch, which networks there are and which one suits a data
set; `extractor` loads one and gives features `[N, F]` and, from a classifier, logits.
"""
