"""The colours that mean something, the same in charts, walls, legends and text.

Door layer. Hues are close to Okabe and Ito's palette, which colour-blind eyes tell apart, shifted
until each has at least 4.5 : 1 contrast (WCAG AA for text) on our light and our dark background.
A line's dash says the same once more, so that colour is never the only cue.
"""

from dataclasses import dataclass

LIGHT_BACKGROUND = "#ffffff"
DARK_BACKGROUND = "#12161c"


@dataclass(frozen=True)
class Ink:
    """One meaning's colour on light and on dark, and its dash in charts."""

    light: str
    dark: str
    dash: str = "solid"


REAL = Ink("#007a5e", "#2bc49a")
GENERATED = Ink("#b84a00", "#ff8f52")
DISCRIMINATOR = Ink("#0067a8", "#62b6f2")
GENERATOR = Ink("#8f3a78", "#e59fcb")
NEUTRAL = Ink("#5a6472", "#a3adba")
TROUBLE = Ink("#c62828", "#ff8a80")
FINE = Ink("#1f7a33", "#6fcf85")
NOTICE = Ink("#2f5fb3", "#8ab4f8")

# What a metric is about decides its colour: real images, generated ones, D or G.
METRIC_INKS: dict[str, Ink] = {
    "loss/d_real": Ink(REAL.light, REAL.dark, "dot"),
    "loss/d_fake": Ink(GENERATED.light, GENERATED.dark, "dot"),
    "loss/d": DISCRIMINATOR,
    "loss/g": GENERATOR,
    "score/real": REAL,
    "score/fake": GENERATED,
    "logit/real": REAL,
    "logit/fake": GENERATED,
    "penalty/r1": REAL,
    "penalty/r2": GENERATED,
    "penalty/gp": DISCRIMINATOR,
    "lr/g": GENERATOR,
    "lr/d": Ink(DISCRIMINATOR.light, DISCRIMINATOR.dark, "dash"),
    "quality/distance": GENERATED,
    "quality/precision": GENERATED,
    "quality/recall": REAL,
    "quality/diversity": GENERATED,
    "quality/classes_missing": REAL,
    "quality/novelty": REAL,
    "samples/diversity": Ink(GENERATED.light, GENERATED.dark, "dot"),
    "samples/drift": GENERATOR,
    "balance/separation": DISCRIMINATOR,
    "grad/d_norm": DISCRIMINATOR,
    "grad/g_norm": GENERATOR,
    "speed/steps_per_s": NEUTRAL,
    "speed/images_per_s": NEUTRAL,
}

_VARIANT_COLOURS = (
    ("#5a32d6", "#a58bff"),  # violet
    ("#946800", "#f2c230"),  # gold
    ("#141a24", "#f4f1ea"),  # black, white on dark
    ("#00707d", "#35c9d9"),  # cyan
    ("#b0124f", "#ff6f91"),  # crimson
    ("#4f2309", "#d0945f"),  # brown
    ("#4d6600", "#d6f283"),  # olive
    ("#566d9e", "#8595bd"),  # slate
)
# Four of a dash at most: the colours of four neighbours are far apart for every eye.
_VARIANT_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
VARIANT_INKS = tuple(
    Ink(*_VARIANT_COLOURS[i % len(_VARIANT_COLOURS)], dash)
    for i, dash in enumerate(dash for dash in _VARIANT_DASHES for _ in range(4))
)
"""A comparison's variants in the order of the design, as many as a comparison may have."""

SEVERITY_INKS = {"good": FINE, "notice": NOTICE, "trouble": TROUBLE}
"""How serious a finding is, as `gan.diagnosis.catalog` has it."""


def contrast(a: str, b: str) -> float:
    """Return the contrast ratio of two `#rrggbb` colours, from 1 to 21 (WCAG 2.2)."""
    bright, dim = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
