"""Every bound on what a folder or a zip of pictures may cost, with its reason.

Maths layer. Uploads are somebody else's files: each bound is checked before the cost arises.
"""

MIN_PICTURES = 2
"""A data set of one picture has nothing to learn, and BatchNorm cannot take it."""

MAX_FILES = 500_000
"""Files in a source, pictures or not: twice CelebA with room to spare, and its list of names fits
into a few hundred MB. A larger number mostly means that a whole disk was named by mistake."""

MAX_FILE_BYTES = 128 * 2**20
"""Bytes of one picture file, all held in memory at once by a worker; large scans have 100 MB."""

MAX_PIXELS = 64_000_000
"""Pixels of one picture, by its header: phones make 50 million. Decoding takes 4 bytes a pixel,
and as much again for what lies behind transparency."""

BIG_PIXELS = 12_000_000
"""Pictures with more pixels are decoded one at a time, in a thread of their own, so that memory is
not workers × largest (glibc keeps what a thread has freed, for that thread)."""

MAX_RATIO = 200
"""How many times smaller a zip may have made a file. PNG, JPEG and WebP barely shrink at all, flat
drawings saved as BMP perhaps a hundredfold; deflate's own limit, which bombs reach, is 1,032."""

MIN_RATIO_BYTES = 2**20
"""Below this many bytes a file's ratio is not judged: a small bomb costs nothing."""

MAX_MEAN_BYTES = 16 * 2**20
"""Unpacked bytes of a zip, per picture: a photo of 12 million pixels as PNG has about 20 MB, as
JPEG 5 MB, and data sets have far smaller ones."""

MIN_TOTAL_BYTES = 2**30
"""A zip may unpack to this much whatever its number of pictures: 40 scans of 25 MB are fine."""

MAX_TOTAL_BYTES = 64 * 2**30
"""A zip may never unpack to more: ImageNet at a quarter of its size; reading takes minutes."""

MAX_DIRECTORY_BYTES = 64 * 2**20
"""Bytes of a zip's table of contents, which Python reads at once and blows up tenfold: more than
100 bytes for each of `MAX_FILES`, and CelebA takes 20 MB."""

MAX_NAME_CHARS = 1_000
"""Characters of a file's path; no file system of ours takes a longer one."""

MAX_LISTED = 100
"""Refused and skipped files that are listed by name; the others are only counted."""
