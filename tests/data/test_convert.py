"""Size and colours: exact where exactness is possible, filtered as Pillow filters."""

import numpy as np
import pytest
from PIL import Image
from tiny_sets import noise

from gan.data.convert import convert, resize, to_grey


@pytest.mark.parametrize("size_px", [8, 28, 33, 64, 128])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("value", [0, 1, 128, 254, 255])
def test_constant_images_stay_constant(size_px: int, channels: int, value: int) -> None:
    for own in (1, 3):
        images = np.full((2, own, 28, 28), value, dtype=np.uint8)
        result = convert(images, size_px=size_px, channels=channels)
        assert result.shape == (2, channels, size_px, size_px)
        assert result.dtype == np.uint8
        assert (result == value).all()


def test_nothing_to_do_copies_nothing() -> None:
    images = noise(3, 3, 16, 16)
    assert convert(images, size_px=16, channels=3) is images


def test_grey_becomes_rgb_by_repetition_and_comes_back_exactly() -> None:
    images = np.arange(256, dtype=np.uint8).reshape(1, 1, 16, 16)
    colour = convert(images, size_px=16, channels=3)
    assert all((colour[:, c] == images[:, 0]).all() for c in range(3))
    np.testing.assert_array_equal(convert(colour, size_px=16, channels=1), images)


def test_luma_is_pillows() -> None:
    images = noise(4, 3, 20, 20)
    expected = [np.asarray(Image.fromarray(i.transpose(1, 2, 0)).convert("L")) for i in images]
    np.testing.assert_array_equal(to_grey(images)[:, 0], expected)


def test_known_luma() -> None:
    primaries = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]], dtype=np.uint8)
    grey = to_grey(primaries.reshape(4, 3, 1, 1)).reshape(4)
    assert grey.tolist() == [76, 150, 29, 255]


def test_halving_a_fine_chequer_gives_its_mean_not_its_alias() -> None:
    chequer = (np.indices((64, 64)).sum(axis=0) % 2 * 255).astype(np.uint8)
    small = resize(np.stack([chequer] * 3)[None], 16)
    inner = small[:, :, 2:-2, 2:-2].astype(int)
    assert abs(inner - 127.5).max() <= 2


def test_channels_and_images_do_not_mix() -> None:
    images = np.zeros((3, 3, 10, 10), dtype=np.uint8)
    images[1, 2] = 200
    result = resize(images, 24)
    assert (result[1, 2] == 200).all()
    assert result.sum() == 200 * 24 * 24


def test_left_stays_left_and_top_stays_top() -> None:
    image = np.zeros((1, 1, 8, 8), dtype=np.uint8)
    image[0, 0, 0, 7] = 255  # the corner at the top right
    for size_px in (16, 32):
        large = resize(image, size_px)[0, 0]
        n = size_px // 8
        assert large[:n, -n:].mean() > 150
        assert large[n * 2 :].max() == large[:, : -n * 2].max() == 0
