"""A tiny run that trains in milliseconds: 8×8 pictures, narrow networks."""

import hashlib

import pytest
import torch

import gan
from gan.data.dataset import ImageData
from gan.data.sources import Located


@pytest.fixture
def tiny_config():
    return gan.RunConfig().with_changes(
        {
            "model.latent_dim": 6,
            "model.g_widths": [16, 16],
            "model.d_widths": [16],
            "train.batch_size": 8,
            "train.n_steps": 12,
            "train.device": "cpu",
            "train.n_threads": 1,
            "output.n_samples": 4,
            "output.sample_every": 5,
            "output.report_every": 4,
            "output.report_interval_s": 0.0,
        }
    )


@pytest.fixture
def tiny_data():
    images = torch.randint(
        0, 256, (20, 1, 8, 8), dtype=torch.uint8, generator=torch.Generator().manual_seed(1)
    )
    return ImageData(
        images=images,
        labels=None,
        classes=(),
        name="noise",
        located=Located("drawn", None, "Random pixels."),
        fingerprint=hashlib.sha256(images.numpy().tobytes()).hexdigest(),
    )
