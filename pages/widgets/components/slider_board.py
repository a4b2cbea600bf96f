"""A picture and the sliders that move it, in one component, so that it follows the hand.

`st.slider` waits a fifth of a second before it says anything; this says at once what is wanted, one
question at a time and always the newest. The script is `slider_board.js`. Values are hundredths of
z's standard deviation, whole numbers, so that what the address says is what was drawn.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import streamlit as st

from gan.figures.colours import DISCRIMINATOR, GENERATED
from gan.runs.sheets import Pictures, encode_png, make_sheet
from pages.widgets.components.component import frame, make_component

REACHES = (100, 200, 300, 500)

_component = make_component("slider_board")


@dataclass(frozen=True)
class Slider:
    """One slider.

    Attributes:
        id: what `Asked.values` calls it.
        title: its name, such as 'Direction 1' or 'smile'.
        value: where it stands.
        zero: where it stands when nothing was moved.
        share: what stands beside the name, such as '27 %'; may be empty.
        about: what the share says.
        low, high: what lies at its ends, in words; may be empty.
    """

    id: str
    title: str
    value: int
    zero: int = 0
    share: str = ""
    about: str = ""
    low: str = ""
    high: str = ""


@dataclass(frozen=True)
class Strips:
    """Small pictures under each slider: what it would make of the picture at some of its values.

    Attributes:
        key: another for other pictures; the browser says which it has.
        values: of the sliders, one a picture, the same for all sliders.
        pictures: `[n_sliders * n_values, H, W, C]` uint8, slider by slider.
    """

    key: str
    values: Sequence[int]
    pictures: Pictures


@dataclass(frozen=True)
class Asked:
    """What the browser asks for.

    Attributes:
        epoch: of the board that it was asked on; of another one than today's it means nothing.
        seq: grows with each question.
        values: of all sliders that do not stand where they began, by id.
        truncation: percent.
        reach: how far sliders go.
        n_shown: how many sliders are wanted.
        reset: undo moves along sliders that are not shown, too.
        settled: the hand rests.
        has: the strips that the browser has.
    """

    epoch: int = -1
    seq: int = 0
    values: dict[str, int] = field(default_factory=dict)
    truncation: int = 100
    reach: int = 300
    n_shown: int = 0
    reset: bool = False
    settled: bool = True
    has: str = ""


def asked_of_board(key: str) -> Asked:
    """Return what the browser asked for last on this board."""
    state = st.session_state.get(key)
    raw = (state.get("ask") if state else None) or {}
    return Asked(**{name: value for name, value in raw.items() if name in _FIELDS})


def slider_board(
    picture: Pictures,
    sliders: Sequence[Slider],
    asked: Asked,
    *,
    key: str,
    epoch: int,
    title: str,
    alt: str,
    truncation: int,
    n_more: int = 0,
    score: str = "",
    z: Sequence[float] = (),
    strips: Strips | None = None,
    on_ask: Callable[[], None] | None = None,
) -> None:
    """Draw the board.

    Args:
        picture: `[H, W, C]` uint8.
        sliders: those that are shown.
        asked: the question that this answers.
        epoch: another when something else than the board moved the picture: then the board takes
            its values from `sliders`.
        title: the line above the picture.
        alt: what it is, for those who cannot see it.
        truncation: percent.
        n_more: how many sliders more could be shown.
        score: what D says of the picture; may be empty.
        z: the numbers, to be copied; empty while the hand moves.
        strips: None leaves those that the browser has.
    """
    height, width, channels = picture.shape
    header: dict[str, Any] = {
        "epoch": epoch,
        "seq": asked.seq,
        "width": width,
        "height": height,
        "channels": channels,
        "title": title,
        "alt": alt,
        "score": score,
        "sliders": [asdict(slider) for slider in sliders],
        "truncation": truncation,
        "reach": asked.reach,
        "reaches": REACHES,
        "n_more": n_more,
        "z": list(z),
        "strips": strips and {"key": strips.key, "values": list(strips.values)},
        "inks": {"generated": asdict(GENERATED), "discriminator": asdict(DISCRIMINATOR)},
    }
    png = b""
    if strips is not None and len(strips.pictures):
        png = encode_png(make_sheet(strips.pictures, columns=len(strips.values)))
    _component(
        key=key,
        data=frame(header, picture.tobytes() + png),
        default={"ask": None},
        on_ask_change=on_ask or _nothing,
    )


_FIELDS = frozenset(Asked.__dataclass_fields__)


def _nothing() -> None:
    """What was asked is read from the session state; its change needs no action of its own."""
