"""Settings of the Explore page's tools that stand in the address, so that a link reopens them.

The session holds them while one moves between tabs; the address names those that are not as they
begin.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages.widgets import address
from pages.widgets.explore import state


@dataclass(frozen=True)
class Setting:
    """One setting.

    Attributes:
        name: in the address.
        value: with which it begins.
        options: all legal values; their texts differ.
    """

    name: str
    value: Any
    options: Collection[Any] = (False, True)

    @property
    def key(self) -> str:
        """Return the key of its widget."""
        return f"{state.KEPT}{self.name}"

    def begin(self, options: Collection[Any] | None = None, *, at: Any = None) -> None:
        """Take over what the address asks for, the first time. Call before its widget is drawn.

        Args:
            options: which values are legal just now; by default all.
            at: begin with this one where the address asks for none.
        """
        legal = self.options if options is None else options
        if self.key not in st.session_state:
            asked = address.parameter(self.name)
            first = self.value if at is None else at
            st.session_state[self.key] = next((v for v in legal if str(v) == asked), first)
        state.begin_with(self.key, self.value, legal)

    def write(self) -> None:
        """Let the address say it. Call after its widget was drawn."""
        value = st.session_state[self.key]
        address.keep_parameters(**{self.name: None if value == self.value else str(value)})
