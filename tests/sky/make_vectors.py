"""Writes tests/unit/micrOS/sun_vectors.csv: what Skyfield says of some places and days.

    python -m tests.sky.make_vectors            # prints it
    python -m tests.sky.make_vectors --write    # replaces the file

`tox -e sky` compares the file with what this makes.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.sky.ephemeris import solar_days

FILE = Path(__file__).resolve().parents[1] / "unit" / "micrOS" / "sun_vectors.csv"
HEADING = "day,latitude,longitude,sunrise,sunset,polar"
#: Days since 2000-01-01 of 2025-01-01 and 2040-12-31.
FIRST_DAY, LAST_DAY = 9_132, 14_975
#: |latitude| from, to, how many.
_BANDS = ((0, 60, 120), (60, 66, 30), (66, 70, 30), (70, 90, 40))
#: Both sides of the date line, the poles, the equator, Greenwich, and places in each quarter of the map.
_PLACES = (
    (0.0, 0.0),
    (-17.0, 180.0),
    (-17.0, -179.9),
    (90.0, 0.0),
    (-90.0, 0.0),
    (51.4779, -0.0015),
    (52.52, 13.405),
    (-33.8688, 151.2093),
    (28.6139, 77.209),
    (40.7128, -74.006),
    (-34.6037, -58.3816),
)


def vectors() -> Iterator[str]:
    """Yield the lines of the file, without their ends."""
    draw = random.Random(5)
    points = [(draw.randint(FIRST_DAY, LAST_DAY), *place) for place in _PLACES for _ in range(2)]
    for low, high, count in _BANDS:
        for _ in range(count):
            latitude = draw.choice((-1, 1)) * round(draw.uniform(low, high - 0.01), 2)
            points.append((draw.randint(FIRST_DAY, LAST_DAY), latitude, round(draw.uniform(-180, 180), 2)))
    yield HEADING
    for day, latitude, longitude in points:
        (found,) = solar_days(latitude, longitude, day, 1)
        times = ["" if moment is None else f"{moment:.1f}" for moment in (found.sunrise, found.sunset)]
        yield f"{day},{latitude},{longitude},{times[0]},{times[1]},{found.polar or ''}"


def main() -> None:
    """Print the file, or write it."""
    text = "\n".join(vectors()) + "\n"
    if "--write" in sys.argv[1:]:
        FILE.write_text(text, encoding="utf-8", newline="\n")
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
