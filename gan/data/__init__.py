"""Where images come from: finding, fetching, reading, drawing, converting and ordering them.

Maths layer. `arrays` is the door to every data set, `facts` says beforehand what it will give, and
`dataset` makes tensors of it. Only `dataset`, `order` and `augment` import torch.
"""
