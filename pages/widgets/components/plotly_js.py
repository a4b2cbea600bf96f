"""Puts the Plotly.js of the installed plotly package where the browser can fetch it."""

import os
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

_STATIC = Path(__file__).resolve().parents[3] / "static"


@cache
def plotly_js_url() -> str:
    """Return the address of Plotly.js, relative to the app's; copy it into `static/` if needed."""
    name = f"plotly-{version('plotly')}.min.js"
    target = _STATIC / name
    if not target.exists():
        _STATIC.mkdir(exist_ok=True)
        partial = target.with_name(f".{name}.{os.getpid()}")
        partial.write_bytes(files("plotly").joinpath("package_data/plotly.min.js").read_bytes())
        partial.replace(target)
        for older in _STATIC.glob("plotly-*.min.js"):
            if older != target:
                older.unlink(missing_ok=True)
    return f"app/static/{name}"
