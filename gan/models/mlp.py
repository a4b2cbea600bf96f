"""The fully connected pair of networks.

Maths layer. Images are float32 NCHW in [-1, 1]; z is float32 `[N, latent_dim]`.
"""

from collections.abc import Sequence

from torch import Tensor, nn

from gan.models.linear import Linear


class MLPGenerator(nn.Module):
    """Linear + BatchNorm + LeakyReLU blocks (no BatchNorm in the first), then Linear and Tanh.

    Maps z `[N, latent_dim]` to images `[N, img_channels, size_px, size_px]` in [-1, 1].
    """

    def __init__(
        self,
        latent_dim: int,
        widths: Sequence[int],
        *,
        img_channels: int,
        size_px: int,
        leaky_slope: float = 0.2,
        norm_eps: float = 1e-5,
        norm_momentum: float = 0.1,
    ) -> None:
        super().__init__()
        self.latent_dim = latent_dim
        self.img_channels = img_channels
        self.size_px = size_px
        layers: list[nn.Module] = []
        previous = latent_dim
        for i, width in enumerate(widths):
            layers.append(Linear(previous, width))
            if i > 0:
                layers.append(nn.BatchNorm1d(width, eps=norm_eps, momentum=norm_momentum))
            layers.append(nn.LeakyReLU(leaky_slope, inplace=True))
            previous = width
        layers += [Linear(previous, img_channels * size_px * size_px), nn.Tanh()]
        self.layers = nn.Sequential(*layers)

    def forward(self, z: Tensor) -> Tensor:
        flat = self.layers(z)  # [N, C·H·W]
        return flat.view(-1, self.img_channels, self.size_px, self.size_px)  # type: ignore[no-any-return]


class MLPDiscriminator(nn.Module):
    """Linear + LeakyReLU blocks on the flattened image, then one logit.

    Maps images `[N, img_channels, size_px, size_px]` to logits `[N, 1]`.
    """

    def __init__(
        self,
        widths: Sequence[int],
        *,
        img_channels: int,
        size_px: int,
        leaky_slope: float = 0.2,
    ) -> None:
        super().__init__()
        self.img_channels = img_channels
        self.size_px = size_px
        layers: list[nn.Module] = []
        previous = img_channels * size_px * size_px
        for width in widths:
            layers += [Linear(previous, width), nn.LeakyReLU(leaky_slope, inplace=True)]
            previous = width
        layers.append(Linear(previous, 1))
        self.layers = nn.Sequential(*layers)

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(images.flatten(1))  # type: ignore[no-any-return]
