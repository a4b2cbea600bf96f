"""Places, favourites and directions of latent space, kept and named.

Memory layer, without torch.
"""
