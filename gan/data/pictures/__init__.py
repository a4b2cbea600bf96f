"""A person's own pictures, a folder or a zip of them, as training data.

Maths layer: numpy and Pillow, no torch, so pages may import all of it. `survey` looks at names,
`cache` decodes; below them `listing` finds the files, `names` judges them, `reading` fetches bytes
within bounds, `decode` makes squares of them, and `limits` holds every bound with its reason.
"""
