"""Numbers in words."""

import pytest

from pages.widgets import texts


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0 s"),
        (45.4, "45 s"),
        (60, "1 min"),
        (200, "3 min 20 s"),
        (3_600, "1 h"),
        (7_500, "2 h 5 min"),
        (273_600, "3 d 4 h"),
    ],
)
def test_durations(seconds, expected):
    assert texts.duration(seconds) == expected


def test_ages():
    assert texts.ago(100.0, now=104.0) == "just now"
    assert texts.ago(0.0, now=130.0) == "2 min ago"
    assert texts.ago(0.0, now=8_000.0) == "2 h ago"


def test_names_that_look_like_markdown_are_shown_as_they_are():
    assert texts.escape("a*b_c :red[x]") == r"a\*b\_c \:red\[x\]"
