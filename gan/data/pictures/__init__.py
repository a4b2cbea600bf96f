"""A person's own pictures, a folder or a zip of them, as training data.

Maths layer: numpy and Pillow, no torch, so pages may import all of it. `survey` looks at names
only, `cache` decodes. Below them `listing` finds files (`names` judges them, `zips` opens what
nobody vouches for), `reading` fetches their bytes, `decode` makes squares of them, `pool` does so
in threads, `making` writes them and `store` knows the files written. `limits` holds every bound
with its reason.
"""
