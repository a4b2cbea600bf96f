"""One generator with everything that a page asks about places in its latent space.

Memory layer, without torch: a `Studio` draws, this remembers what it said. All that is remembered
belongs to one saved state, so a space is made anew when the run's checkpoints change.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from gan.errors import ConfigError
from gan.runs.folder import Home
from gan.runs.latent import store as latent_store
from gan.runs.latent.place import Base, Given, Place, Seeded, Tile, Z, z_at
from gan.runs.studio import Drawn, GeneratorFacts, Source, Studio
from gan.runs.studio.records import Found

N_DIRECTIONS = 40
"""How many directions are asked for; the most important come first."""

OWN = "own"
"""The kind of a direction that people kept under a name."""

_MAX_BASES = 512


class Space:
    """The latent space of one generator.

    Attributes:
        source: which generator.
        facts: what is known about it.
    """

    def __init__(self, home: Home, studio: Studio, source: Source) -> None:
        """Ask what the generator is like. Raises GanError if it cannot be read."""
        self.source = source
        self.facts: GeneratorFacts = studio.describe(source)
        self._home = home
        self._studio = studio
        self._bases: dict[Base, Z] = {}
        self._grid: tuple[Z, npt.NDArray[np.int64] | None] | None = None
        self._found: dict[str, Found] = {}
        self._own: dict[str, Z] = {}

    @property
    def key(self) -> str:
        """Return a text that is another for another generator, or another state of it."""
        which = "average" if self.facts.is_average else "raw"
        return f"{self.source.run_id}/{self.facts.step}/{which}"

    def seeded_z(self, seed: int, n: int) -> Z:
        """Return the first n z of a seed, `[n, D]`."""
        return self._studio.z_of(self.source, n, seed)

    def grid(self) -> tuple[Z, npt.NDArray[np.int64] | None]:
        """Return z `[n, D]` and classes `[n]`, or None, of the run's own sample wall."""
        if self._grid is None:
            self._grid = self._studio.grid_z(self.source)
        return self._grid

    def base_z(self, base: Base) -> Z:
        """Return the z `[D]` of a base. Raises ConfigError if this generator has none such."""
        if base not in self._bases:
            if len(self._bases) >= _MAX_BASES:
                self._bases.clear()
            self._bases[base] = self._find_base(base)
        return self._bases[base]

    def z(self, place: Place) -> Z:
        """Return the z `[D]` of a place. Raises GanError if this generator has none such."""
        return z_at(place, self.base_z(place.base), self.direction)

    def label(self, place: Place) -> int | None:
        """Return the class that is drawn at a place; None for a generator that knows none."""
        n_classes = len(self.facts.classes)
        if not n_classes:
            return None
        if place.label is not None:
            return place.label % n_classes
        if isinstance(place.base, Tile):
            _, labels = self.grid()
            return 0 if labels is None else int(labels[place.base.index])
        return place.base.index % n_classes if isinstance(place.base, Seeded) else 0

    def draw(self, places: Sequence[Place], *, scores: bool = False) -> Drawn:
        """Draw the pictures of some places. Raises GanError."""
        z = np.stack([self.z(place) for place in places])
        labels = [self.label(place) for place in places] if self.facts.classes else None
        with_scores = scores and self.facts.has_discriminator
        return self._studio.draw(
            self.source, z, None if labels is None else np.array(labels), scores=with_scores
        )

    def draw_z(self, z: Z | Sequence[Z], labels: Sequence[int] | None = None) -> Drawn:
        """Draw pictures of z `[n, D]`, of these classes where the generator knows some."""
        given = None if labels is None or not self.facts.classes else np.array(labels)
        return self._studio.draw(self.source, np.stack(list(z)), given)

    def found(self, method: str) -> Found:
        """Return the directions that a method finds; the first time takes long. Raises GanError."""
        if method not in self._found:
            n = min(N_DIRECTIONS, self.facts.latent_dim)
            self._found[method] = self._studio.directions(self.source, method, n)
        return self._found[method]

    def own(self) -> list[latent_store.KeptDirection]:
        """Return the directions that were kept for spaces like this one. Raises StoreError."""
        kept = latent_store.directions(self._home, self.facts.latent_dim)
        self._own = {one.slug: np.array(one.vector, np.float32) for one in kept}
        return kept

    def direction(self, which: tuple[str, str]) -> Z:
        """Return the unit vector `[D]` of a direction, a pair (kind, which). Raises GanError."""
        kind, name = which
        if kind == OWN:
            if name not in self._own:
                self.own()
            if name not in self._own:
                raise ConfigError(
                    f"No direction is kept as {name!r} for this generator: keep it anew, or pick "
                    "another picture."
                )
            return self._own[name]
        basis = self.found(kind).basis
        if not name.isdigit() or int(name) >= len(basis):
            raise ConfigError(f"There is no direction {name!r} of {kind}: pick a picture anew.")
        vector: Z = basis[int(name)]
        return vector

    def frozen(self, place: Place) -> Place:
        """Return a place whose z no longer depends on this generator's directions or wall.

        What moves a place elsewhere means another z in another saved state; this one stays.
        """
        if isinstance(place.base, Seeded) and not place.is_moved:
            return place
        return Place(Given.of(self.z(place)), place.label)

    def _find_base(self, base: Base) -> Z:
        if isinstance(base, Seeded):
            drawn: Z = self.seeded_z(base.seed, base.index + 1)[base.index]
            return drawn
        if isinstance(base, Given):
            if len(base.z) != self.facts.latent_dim:
                raise ConfigError(
                    f"The point has {len(base.z)} numbers and this generator takes "
                    f"{self.facts.latent_dim}: pick a picture anew."
                )
            return base.z
        z, _ = self.grid()
        if base.index >= len(z):
            raise ConfigError(
                f"The wall of this run has no tile {base.index + 1}, only {len(z)}: pick another."
            )
        tile: Z = z[base.index]
        return tile
