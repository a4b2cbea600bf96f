"""Python lines that draw a picture again, exactly.

Memory layer, without torch. The lines ask a studio, as the page did, so the picture is the same to
the pixel.
"""

from gan.runs.latent.place import Place, Seeded, Z
from gan.runs.studio.records import Source

_NUMBERS_A_LINE = 6


def python_lines(source: Source, place: Place, z: Z, label: int | None) -> str:
    """Return a short program that saves a picture as `picture.png`.

    Args:
        source: the generator.
        place: where the picture is; says whether a seed is enough to find it again.
        z: `[D]`, of the place.
        label: the class that is drawn; None for a generator without classes.
    """
    how = [f"{source.run_id!r}"]
    how += [f"step={source.step}"] if source.step is not None else []
    how += ["average=False"] if not source.average else []
    labels = "" if label is None else f", np.array([{label}])"
    return "\n".join(
        [
            "import numpy as np",
            "from PIL import Image",
            "",
            "from gan.runs.folder import default_home",
            "from gan.runs.studio import Source, Studio",
            "",
            "studio = Studio(default_home())  # the folder with `runs`, or $GAN_HOME",
            f"source = Source({', '.join(how)})",
            *_z_lines(place, z),
            f"picture = studio.draw(source, z[None]{labels}).images[0]",
            'Image.fromarray(picture.squeeze()).save("picture.png")',
            "",
        ]
    )


def _z_lines(place: Place, z: Z) -> list[str]:
    base = place.base
    if isinstance(base, Seeded) and not place.is_moved:
        return [f"z = studio.z_of(source, {base.index + 1}, seed={base.seed})[{base.index}]"]
    numbers = [str(x) for x in z]  # the shortest that give back the same float32
    starts = range(0, len(numbers), _NUMBERS_A_LINE)
    rows = [f"    {', '.join(numbers[i : i + _NUMBERS_A_LINE])}," for i in starts]
    return ["z = np.array([", *rows, "], np.float32)"]
