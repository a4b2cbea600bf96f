"""A variant's colour and name, the same wherever it is mentioned."""

from collections.abc import Iterable
from html import escape

import streamlit as st

from gan.comparing.design import Variant
from gan.figures.colours import VARIANT_INKS, Ink


def ink_of(index: int) -> Ink:
    """Return the colour of the variant at this place of its design."""
    return VARIANT_INKS[index % len(VARIANT_INKS)]


def mark(variant: Variant) -> str:
    """Return a variant's square and name as HTML."""
    ink = ink_of(variant.index)
    colour = ink.dark if st.context.theme.type == "dark" else ink.light
    return (
        f'<span style="white-space:nowrap"><span style="color:{colour}">&#9632;</span> '
        f"{escape(variant.label)}</span>"
    )


def draw_marks(variants: Iterable[Variant]) -> None:
    """Draw the names of competitors, each in the colour that it keeps."""
    st.html(" &ensp; ".join(mark(variant) for variant in variants))
