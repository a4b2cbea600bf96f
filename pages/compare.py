"""Compare: a race of settings over several seeds, its walls and curves, and who won."""

import streamlit as st

from gan.errors import GanError
from gan.runs.comparisons import open_comparison
from pages.widgets import address
from pages.widgets.compare.start import draw_new, draw_start
from pages.widgets.compare.view import draw_comparison
from pages.widgets.components.live_chart import preload
from pages.widgets.frame import begin_at_top, begin_page
from pages.widgets.resources import home


def render() -> None:
    """Draw the comparison that the address names, the design of a new one, or the list of all."""
    begin_page()
    comparison_id, origin = address.open_comparison_id(), address.parameter("design")
    if comparison_id:
        _draw_open(comparison_id)
    elif origin:
        preload()
        draw_new(origin)
    else:
        preload()
        draw_start()
    begin_at_top(f"compare {comparison_id} {origin}")


def _draw_open(comparison_id: str) -> None:
    try:
        comparison = open_comparison(home(), comparison_id)
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        if st.button("See all comparisons", type="primary"):
            address.go_to_comparisons()
        return
    draw_comparison(comparison)


render()
