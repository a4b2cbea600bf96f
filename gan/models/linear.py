"""A fully connected layer that can run its float32 products through oneDNN.

Maths layer. torch sends float32 products on the CPU to MKL, which on processors that Intel did
not make takes a path of half the speed (`benchmarks/README.md` has the figures; the results
differ by rounding only). oneDNN, which torch ships as well, has full-speed kernels for them, but
torch reaches it from a float32 Linear only in compiled graphs. So this layer calls the same
kernel, `torch.ops.mkldnn._linear_pointwise`, by hand, forward and backward.
"""

from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

MatmulKernel = Literal["torch", "onednn"]
# Below so many multiplications the call costs more than it saves.
_SMALL = 1 << 20


class Linear(nn.Linear):
    """`nn.Linear` with a choice of kernel; same parameters, same names in a state dict."""

    kernel: MatmulKernel = "torch"

    def forward(self, x: Tensor) -> Tensor:
        by_hand = (
            self.kernel == "onednn"
            and x.device.type == "cpu"
            and x.dtype == torch.float32
            and not torch.is_autocast_enabled("cpu")
        )
        return linear(x, self.weight, self.bias) if by_hand else super().forward(x)


def linear(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Return x `[m, k]` times weight `[n, k]` transposed, plus bias `[n]`, in float32.

    Differentiable any number of times, since its backward is written with itself.
    """
    if x.shape[0] * weight.numel() < _SMALL:
        return F.linear(x, weight, bias)
    return _Product.apply(x, weight, bias)  # type: ignore[no-any-return]


def use_kernel(module: nn.Module, kernel: MatmulKernel) -> None:
    """Make every `Linear` inside a network use `kernel`."""
    for layer in module.modules():
        if isinstance(layer, Linear):
            layer.kernel = kernel


def best_kernel(device: torch.device, cpuinfo: Path = Path("/proc/cpuinfo")) -> MatmulKernel:
    """Return the kernel for this machine, by a rule and not by timing, so that it never varies.

    oneDNN on x86 processors that are not Intel's, where torch has it; torch's own elsewhere.
    """
    if device.type != "cpu" or not torch._C._has_mkldnn:
        return "torch"
    if not hasattr(torch.ops.mkldnn, "_linear_pointwise"):
        return "torch"
    try:
        text = cpuinfo.read_text(encoding="utf-8")
    except OSError:
        return "torch"
    return "onednn" if "vendor_id" in text and "GenuineIntel" not in text else "torch"


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(x, weight)
        return torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")  # type: ignore[no-any-return]

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        (grad,) = grads  # [m, n]
        x, weight = ctx.saved_tensors
        needs_x, needs_weight, needs_bias = ctx.needs_input_grad
        return (
            linear(grad, weight.t(), None) if needs_x else None,  # [m, k]
            linear(grad.t(), x.t(), None) if needs_weight else None,  # [n, k]
            grad.sum(0) if needs_bias else None,  # [n]
        )
