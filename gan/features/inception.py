"""Inception-v3 from torchvision, if its weights are on the machine: the features of FID.

Maths layer. Never downloads. The first FID used weights of 2015 in TensorFlow's graph; those of
torchvision are others, so figures come near the papers' without equalling them.

Source: Szegedy et al., "Rethinking the Inception architecture for computer vision", 2015
(arXiv:1512.00567); Heusel et al., "GANs trained by a two time-scale update rule converge to a local
Nash equilibrium", 2017 (arXiv:1706.08500).
"""

from collections.abc import Mapping

import torch
from torch import nn

N_FEATURES = 2048


class InceptionV3(nn.Module):
    """Pictures `[N, 3, 299, 299]` in [-1, 1] -> features `[N, 2048]` -> logits `[N, 1000]`."""

    def __init__(self) -> None:
        super().__init__()
        # Imported here: torchvision takes a second, and few machines have these weights.
        from torchvision.models import inception_v3  # noqa: PLC0415

        self.network: nn.Module = inception_v3(weights=None, init_weights=False, aux_logits=True)
        self.fc: nn.Module = nn.Identity()

    def features(self, images: torch.Tensor) -> torch.Tensor:
        """Return the average of the last maps, `[N, 2048]`, none of it negative."""
        pooled: torch.Tensor = self.network(images)
        return pooled

    def logits(self, features: torch.Tensor) -> torch.Tensor:
        """Return scores of ImageNet's 1,000 classes, `[N, 1000]`."""
        scores: torch.Tensor = self.fc(features)
        return scores

    def load_published(self, state: Mapping[str, torch.Tensor]) -> None:
        """Take torchvision's weights over; the last layer is set apart.

        Raises:
            RuntimeError: the weights are another network's.
        """
        self.network.load_state_dict(dict(state))
        last = self.network.fc
        assert isinstance(last, nn.Module)
        self.fc, self.network.fc = last, nn.Identity()
        self.eval().requires_grad_(False)
