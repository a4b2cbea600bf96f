"""Float32 matrix products of a fully connected layer: torch's own route against oneDNN's.

    python -m benchmarks.linear_kernel [--rounds 7]

Both sides in turn, on all cores, for the larger layers of `vanilla-fashion`, forward and backward
as `gan.models.linear` does them.
"""

import argparse
import statistics
import time

import torch

from gan.models.linear import Linear, use_kernel
from gan.runs.launcher import count_cores

LAYERS = [(128, 1024, 784), (128, 512, 1024), (256, 784, 512)]  # batch, in, out
N_CALLS = 50


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    args = parser.parse_args()
    torch.set_num_threads(count_cores())
    print(f"GFLOP/s on {count_cores()} cores, median of {args.rounds} rounds\n")
    for batch, n_in, n_out in LAYERS:
        layer, x = Linear(n_in, n_out), torch.randn(batch, n_in, requires_grad=True)
        rates: dict[str, list[float]] = {"torch": [], "onednn": []}
        for _ in range(args.rounds):
            for kernel, values in rates.items():
                use_kernel(layer, kernel)
                values.append(gflops(layer, x, 6 * batch * n_in * n_out))
        slow, fast = (statistics.median(values) for values in rates.values())
        print(f"{batch}x{n_in} to {n_out}: torch {slow:.0f}, oneDNN {fast:.0f}, {fast / slow:.2f}")


def gflops(layer: Linear, x: torch.Tensor, n_flop: int) -> float:
    """Return the rate of one forward and backward pass, which is three products."""
    began = time.perf_counter()
    for _ in range(N_CALLS):
        layer(x).sum().backward()
    return N_CALLS * n_flop / (time.perf_counter() - began) / 1e9


if __name__ == "__main__":
    main()
