"""Quality, variety and mode coverage of samples: pure functions of arrays, without torch.

`catalog` says what each number means; `frechet`, `kernel`, `manifold`, `modes`, `diversity` and
`memorising` compute them; `plane` lays features out on a page. Features are `[N, F]` arrays of
float32 or float64, real and generated ones from the same network.
"""
