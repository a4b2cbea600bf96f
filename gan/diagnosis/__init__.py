"""What is going wrong in a run, or well: findings by name, with evidence and remedies.

Maths layer, numpy only, so that pages and the terminal can explain a run without torch.
"""
