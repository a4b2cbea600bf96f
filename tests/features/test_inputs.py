"""Bringing pictures to a network's size and colours."""

import numpy as np
import pytest
import torch

from gan.data.convert import convert
from gan.errors import DataError
from gan.features.inputs import check_images, fit_images


def noise(*shape: int) -> torch.Tensor:
    return torch.randint(
        0, 256, shape, dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )


def test_what_fits_keeps_its_values():
    images = noise(2, 1, 28, 28)
    assert torch.equal(fit_images(images, 1, 28), images.float())


@pytest.mark.parametrize(("channels", "size_px"), [(1, 28), (3, 28), (1, 14), (3, 96)])
@pytest.mark.parametrize("own_channels", [1, 3])
def test_agrees_with_the_data_layers_pillow(own_channels, channels, size_px):
    smooth = torch.nn.functional.avg_pool2d(noise(3, own_channels, 84, 84).float(), 3)
    images = smooth.round().to(torch.uint8)
    fitted = fit_images(images, channels, size_px)
    expected = convert(images.numpy(), size_px=size_px, channels=channels)
    assert fitted.shape == expected.shape
    assert np.abs(fitted.numpy() - expected).max() < 2  # Pillow rounds, and more than once


def test_stays_within_bytes_and_leaves_its_input():
    images = 255 * noise(2, 1, 10, 10).gt(127).to(torch.uint8)
    before = images.clone()
    fitted = fit_images(images, 3, 37)
    assert fitted.min() >= 0
    assert fitted.max() <= 255
    assert torch.equal(images, before)


def test_pictures_need_not_be_square():
    assert fit_images(noise(2, 3, 20, 30), 1, 28).shape == (2, 1, 28, 28)


@pytest.mark.parametrize("shape", [(28, 28), (1, 28, 28), (2, 2, 28, 28), (2, 1, 0, 28)])
def test_what_is_no_picture_is_refused(shape):
    with pytest.raises(DataError, match="have no features"):
        check_images(torch.zeros(shape, dtype=torch.uint8))


def test_floats_are_refused():
    with pytest.raises(TypeError, match="to_uint8"):
        check_images(torch.zeros(2, 1, 28, 28))
