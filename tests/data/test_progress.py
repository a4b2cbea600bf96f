"""Notes are plain sentences to those who want no more."""

import json

from gan.data.progress import Gauge, Note


def test_a_note_is_a_sentence_with_a_share() -> None:
    note = Note("Half.", 0.5)
    assert (note, note.fraction) == ("Half.", 0.5)
    assert json.dumps(note) == '"Half."'
    assert Note("Who knows.").fraction is None


def test_a_gauge_tells_seldom_and_always_the_end() -> None:
    now = [0.0]
    said: list[str] = []
    gauge = Gauge(said.append, "Counting", 4000, clock=lambda: now[0])
    for done in (100, 200, 2000, 2100, 4000):
        now[0] += 0.3
        gauge.move(done)
    assert said == ["Counting: 200 of 4,000 images.", "Counting: 2,100 of 4,000 images.",
                    "Counting: 4,000 of 4,000 images."]  # fmt: skip


def test_bytes_are_shown_as_megabytes() -> None:
    said: list[Note] = []
    gauge = Gauge(said.append, "Downloading", 170_498_071, "MB", per_unit=10**6, interval_s=0)
    gauge.move(85_000_000)
    assert said[0] == "Downloading: 85 of 170 MB."
    assert round(said[0].fraction or 0, 3) == 0.499
