"""TensorFlow's 'same' padding, against small examples by hand."""

import pytest
import torch
from torch.nn import functional as F

from gan.models.layers import Stack, same_padding, shape_text
from gan.models.network import MODULES


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding"),
    [
        (28, 5, 2, (1, 2)),  # (14 − 1) · 2 + 5 − 28 = 3
        (14, 5, 2, (1, 2)),
        (7, 5, 2, (2, 2)),  # (4 − 1) · 2 + 5 − 7 = 4
        (28, 5, 1, (2, 2)),
        (4, 3, 2, (0, 1)),
        (6, 1, 2, (0, 0)),
    ],
)
def test_same_padding_as_tensorflow_computes_it(size, kernel, stride, padding):
    assert same_padding(size, kernel=kernel, stride=stride) == padding


def test_same_convolution_of_a_row_by_hand():
    """Four pixels 1 2 3 4, window of three ones, stride 2: zeros only behind, so 1+2+3 and 3+4+0.

    torch's own padding=1 would give 0+1+2 and 2+3+4.
    """
    stack = Stack((1, 4, 4))
    stack.same_conv(1, kernel=3, stride=2)
    pad, conv = (MODULES[plan.kind](**plan.settings) for plan in stack.layers)
    assert pad.padding == (0, 1, 0, 1)
    with torch.no_grad():
        conv.weight.zero_()
        conv.weight[0, 0, 0] = 1.0  # the window's upper row
        conv.bias.zero_()
        picture = torch.tensor([1.0, 2.0, 3.0, 4.0]).expand(1, 1, 4, 4)
        out = conv(pad(picture))
    assert out[0, 0].tolist() == [[6.0, 7.0], [6.0, 7.0]]


def test_the_first_convolution_of_upsample_mnist_is_padded_1_before_and_2_after():
    stack = Stack((1, 28, 28))
    stack.same_conv(2, kernel=5, stride=2)
    pad, conv = (MODULES[plan.kind](**plan.settings) for plan in stack.layers)
    x = torch.randn(1, 1, 28, 28)
    by_hand = torch.zeros(1, 1, 31, 31)
    by_hand[:, :, 1:29, 1:29] = x
    expected = F.conv2d(by_hand, conv.weight, conv.bias, stride=2)
    torch.testing.assert_close(conv(pad(x)), expected)
    assert stack.shape == (2, 14, 14)


def test_a_kernel_of_base_equals_the_published_first_layer_of_dcgan():
    """On 1×1, kernel 4 with stride 2 and no padding is kernel 4 with stride 1."""
    x, weight = torch.randn(3, 7, 1, 1), torch.randn(7, 5, 4, 4)
    ours = F.conv_transpose2d(x, weight, stride=1)
    torch.testing.assert_close(ours, F.conv_transpose2d(x, weight, stride=2))
    assert ours.shape == (3, 5, 4, 4)


def test_shapes_read_as_people_write_them():
    assert shape_text((128, 7, 7)) == "128×7×7"
    assert shape_text((1,)) == "1"
