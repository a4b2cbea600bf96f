"""One picture with a few words below it, as HTML, enlarged by a whole factor."""

import base64
from html import escape

from gan.runs.sheets import Pictures, encode_png


def figure_html(image: Pictures, title: str, words: str = "", *, size_px: int) -> str:
    """Return a picture `[H, W, C]` uint8 as a figure.

    Args:
        image: the picture.
        title: what it is, in bold; also its alternative text.
        words: HTML below the title.
        size_px: it is enlarged by the largest whole factor that fits, and never shrunk.
    """
    factor = max(1, size_px // image.shape[0])
    png = base64.b64encode(encode_png(image)).decode()
    side = f"width:{factor * image.shape[1]}px;height:{factor * image.shape[0]}px"
    return (
        f'<figure style="margin:0"><img alt="{escape(title, quote=True)}" '
        f'style="{side};image-rendering:pixelated;display:block" '
        f'src="data:image/png;base64,{png}"><figcaption style="font-size:.9rem;line-height:1.35">'
        f"<b>{escape(title)}</b><br>{words}</figcaption></figure>"
    )
