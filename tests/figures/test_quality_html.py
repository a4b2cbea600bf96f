"""An evaluation in HTML, its map, and the report: complete, escaped, self-contained."""

import base64
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest

from gan.config import RunConfig
from gan.figures import quality_html as pieces
from gan.figures.map_svg import describe, map_svg
from gan.figures.quality_html import Side
from gan.figures.report import make_report
from gan.figures.walls import wall_badges, wall_caption
from gan.metrics.catalog import MEASURES

NASTY = "<script>alert(1)</script>"
VOID = {"meta", "img", "br"}


def figure(value, low=None, high=None, real=None) -> dict:
    return {"value": value, "low": low, "high": high, "real": real}


def answer(**changes) -> dict:
    base = {
        "id": "20260101-000000-abcd", "run": NASTY, "recipe": "vanilla-fashion", "step": 1500,
        "generator": "ema", "seed": 0, "n_asked": 200, "n_real": 200, "n_fake": 200,
        "features": "mnist", "elapsed_s": 3.0, "notes": ["One thing is absent."],
        "figures": {
            "frechet": figure(12.0), "precision": figure(0.8, 0.7, 0.9),
            "modes_kl": figure(None), "near_training": figure(0.04, 0.03, 0.05),
            "effective_n": figure(5.0, real=9.0),
        },
        "data": {
            "name": "drawn-digits", "why": "Drawn here.", "n_images": 300, "fingerprint": "a",
        },
        "score": {"n": 200, "is_probability": True},
        "copying": {
            "n_train": 200, "n_trained": 300, "held_out": "90 images", "sample_median": 1.0,
            "held_out_median": 1.1,
        },
        "walls": {
            name: {"values": [1.0, -200.0, 0.0]}
            for name in ("best_score", "worst_score", "best_density", "worst_density")
        },
        "classes": {
            NASTY: {
                "real": 3, "generated": 2, "asked": 4, "agree": 1, "n_shown": [2, 1],
                "precision": figure(0.5, 0.4, 0.6), "density": figure(0.7, 0.6, 0.8),
            },
            "other": {"real": 5, "generated": 0, "n_shown": [1, 0]},
        },
        "map": {
            "kind": "ring", "n_points": 2, "n_real": 200,
            "labels": [{"name": NASTY, "x": 1.1, "y": 0.0}, {"name": "other", "x": -1.1, "y": 0.0}],
        },
        "settings": {"name": NASTY} | RunConfig().model_dump(mode="json"),
    }  # fmt: skip
    return base | changes


def arrays() -> dict:
    rng = np.random.default_rng(0)

    def pictures(*shape: int) -> np.ndarray:
        return rng.integers(0, 256, (*shape, 8, 8, 1), dtype=np.uint8)

    grid = np.linspace(-1, 1, 16, dtype=np.float32)
    return {
        "best_score": pictures(3), "worst_score": pictures(3), "best_density": pictures(3),
        "worst_density": pictures(3), "pairs": pictures(4, 2), "class_real": pictures(3),
        "class_fake": pictures(1), "map_x": grid, "map_y": grid,
        "map_density": np.outer(np.exp(-grid**2), np.exp(-grid**2)).astype(np.float32),
        "map_points": np.array([[0.0, 0.0], [9.0, -9.0]], dtype=np.float32),
    }  # fmt: skip


class Reader(HTMLParser):
    """Checks that tags close in order, and collects them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.open = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()


def test_the_report_is_whole_and_needs_nothing_else():
    text = make_report(answer(), arrays())
    reader = Reader(text)
    assert reader.open == []
    names = {tag for tag, _ in reader.tags}
    assert not names & {"script", "link", "iframe", "object"}
    for tag, attributes in reader.tags:
        for key in ("src", "href"):
            value = attributes.get(key)
            assert value is None or value.startswith("data:image/"), (tag, value)
    assert "url(" not in text and "@import" not in text
    assert NASTY not in text
    images = [a for t, a in reader.tags if t == "img"]
    assert len(images) == 4 + 1 + 3  # walls, pairs, strips of classes
    assert all(a["alt"] for a in images)
    for attributes in images:
        assert base64.b64decode(attributes["src"].split(",")[1]).startswith(b"\x89PNG")


def test_the_report_names_features_counts_bias_and_settings():
    text = make_report(answer(), arrays())
    for words in (
        "MNIST classifier", "200 samples", "200 real pictures", "70.0 % to 90.0 %",
        MEASURES["frechet"].bias, MEASURES["precision"].source, "One thing is absent.",
        "d_widths", "∞", "asked for 4 times, 1 of them seen as it", "never made",
        "200 of the 300 pictures",
    ):  # fmt: skip
        assert words in text, words
    assert ">FID<" not in text


def test_a_report_without_pictures_still_has_the_figures():
    text = make_report(answer(copying=None, classes=None), {})
    assert Reader(text).open == [] and "70.0 % to 90.0 %" in text and "<img" not in text


def test_only_inceptions_distance_is_called_fid():
    assert ">FID<" in pieces.headline([Side("a", answer(features="inception-v3"))])
    assert "FID" not in pieces.headline([Side("a", answer())])


def test_of_two_the_better_is_marked_only_when_their_intervals_do_not_touch():
    figures = {"precision": figure(0.95, 0.92, 0.97)}
    sides = [Side("one", answer()), Side("two", answer(figures=figures))]
    html = pieces.headline(sides)
    assert html.count(">better<") == 1
    assert html.index("two") < html.index(">better<")
    close = {"precision": figure(0.85, 0.8, 0.9)}
    assert ">better<" not in pieces.headline([sides[0], Side("two", answer(figures=close))])


def test_very_many_classes_are_summed_up():
    many = {str(i): {"real": 1, "generated": int(i > 1), "n_shown": [0, 0]} for i in range(1000)}
    html = pieces.classes(Side("a", answer(classes=many)))
    assert "998 of 1,000 classes are made; never made are 0, 1." in html
    unseen = {name: {"asked": 1, "n_shown": [0, 0]} for name in many}
    assert pieces.classes(Side("a", answer(classes=unseen))) == ""


@pytest.mark.parametrize("dark", [False, True])
def test_the_map_is_an_svg_with_labels_and_a_point_for_each_sample(dark):
    facts = answer()["map"]
    root = ElementTree.fromstring(map_svg(facts, arrays(), dark=dark))
    texts = [element.text for element in root.iter() if element.tag.endswith("text")]
    assert {NASTY, "other"} <= set(texts)
    path = next(e for e in root.iter() if e.tag.endswith("path")).get("d")
    places = [tuple(map(float, p.split("h")[0].split())) for p in path.split("M")[1:]]
    frame = next(e for e in root.iter() if e.tag.endswith("rect"))
    left, top, size = (float(frame.get(key)) for key in ("x", "y", "width"))
    assert places[0] == (left + size / 2, top + size / 2)
    assert places[1] == (left + size, top + size)  # outside: at the edge
    assert "2 generated pictures" in describe(facts)


def test_a_map_of_principal_components_labels_its_axes():
    facts = {"kind": "plane", "explained": [0.4, 0.1], "labels": [], "n_points": 2, "n_real": 9}
    svg = map_svg(facts, arrays(), dark=False)
    assert "first principal component (40 % of the variance)" in svg
    flat = arrays() | {"map_density": np.zeros((16, 16), dtype=np.float32)}
    assert ElementTree.fromstring(map_svg(facts, flat, dark=False)) is not None


def test_badges_are_probabilities_only_where_d_gives_them():
    assert wall_badges("best_score", answer()) == ["73 %", "0 %", "50 %"]
    assert "scores from 73 % to 50 %" in wall_caption("best_score", answer())
    raw = answer(score={"n": 9, "is_probability": False})
    assert wall_badges("best_score", raw) == ["1", "-2e+02", "0"]
    assert wall_badges("best_density", answer()) == ["1", "-200", "0"]
