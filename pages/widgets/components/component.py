"""Making a component of ours from its files, and the bytes that its script unpacks."""

import json
import struct
from pathlib import Path
from typing import Any

import streamlit as st

_HERE = Path(__file__).parent


def make_component(name: str) -> Any:
    """Return the component of `<name>.js` and `<name>.css`; `common.js` comes before its script."""
    scripts = [_HERE / "common.js", _HERE / f"{name}.js"]
    return st.components.v2.component(
        name,
        js="\n".join(path.read_text(encoding="utf-8") for path in scripts),
        css=(_HERE / f"{name}.css").read_text(encoding="utf-8"),
        isolate_styles=False,
    )


def frame(header: dict[str, Any], payload: bytes = b"") -> bytes:
    """Return what `unframe` in `common.js` takes apart.

    Little-endian uint32 length of the header; the header, JSON; the payload.
    """
    text = json.dumps(header, allow_nan=False).encode()
    return struct.pack("<I", len(text)) + text + payload
