"""Moving through what a generator has learned: points, paths, directions, and the way back.

Maths layer. Import what you need from its modules: `gan.latent.points` and `gan.latent.paths` are
functions of z without torch; `gan.latent.directions` and `gan.latent.inversion` look into networks.
"""
