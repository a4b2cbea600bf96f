"""Where images come from: finding, reading, drawing and ordering them.

Maths layer. Importing this package or `gan.data.sources` does not import torch.
"""
