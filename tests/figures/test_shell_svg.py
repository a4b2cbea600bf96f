"""The picture of the shell: its hill is where z are, its marks where they belong."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from gan.figures.shell_svg import NormMark, shell_image, shell_svg

SVG = "{http://www.w3.org/2000/svg}"


def drawn(latent_dim: int, *marks: NormMark) -> ElementTree.Element:
    return ElementTree.fromstring(shell_svg(latent_dim, marks, dark=False))


def places(root: ElementTree.Element) -> list[float]:
    return [
        float(re.findall(r"M([\d.]+)", path.attrib["d"])[0]) for path in root.iter(f"{SVG}path")
    ]


@pytest.mark.parametrize("latent_dim", [2, 64, 512])
def test_the_hill_has_the_shape_of_the_norms_of_normal_z(latent_dim: int) -> None:
    root = drawn(latent_dim)
    (polygon,) = root.iter(f"{SVG}polygon")
    x, y = np.array([p.split(",") for p in polygon.attrib["points"].split()], dtype=float).T
    density = (y.max() - y)[1:-1]
    top = 1.08 * (latent_dim**0.5 + 3.5)
    norms = (x[1:-1] - x[0]) / (x[-1] - x[0]) * top
    z = np.random.default_rng(0).standard_normal((20_000, latent_dim))
    wanted = np.linalg.norm(z, axis=1)
    mean = (norms * density).sum() / density.sum()
    spread = np.sqrt(((norms - mean) ** 2 * density).sum() / density.sum())
    assert mean == pytest.approx(wanted.mean(), abs=0.05)
    assert spread == pytest.approx(wanted.std(), rel=0.05)


def test_marks_stand_in_proportion_to_their_norm_and_fit() -> None:
    zero, far = places(drawn(100, NormMark("zero", 0.0), NormMark("A + B", 40.0, is_result=True)))
    (half,) = places(drawn(100, NormMark("half", 20.0), NormMark("far", 40.0)))[:1]
    assert zero == pytest.approx(20.0)
    assert half - zero == pytest.approx((far - zero) / 2, abs=0.2)
    assert far < 700


def test_names_are_escaped_and_told_to_those_who_do_not_see() -> None:
    image = shell_image(16, [NormMark('<b>"me"</b>', 4.0, is_result=True)], dark=True)
    assert "<b>" not in image and "&lt;b&gt;" in image
    assert "4.0" in image
