"""What a month on AWS costs, line by line: `python -m bench.costs [--users 100]`. An estimate, not a measurement.

List prices of us-east-1 in US dollars (2026), with what is always free and without the first year's gifts. Habits of
the audience are assumptions that stand below by name; put your own there.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

# ---- assumptions --------------------------------------------------------------------------------------------------
HOURS = 10  # that a user watches in a month
MEGABITS = 2.5  # a second, what a player takes on average
CALLS = 40  # of the API in an hour of watching: lists, playlists, positions, refreshes
FILM_HOURS = 0.75  # length of a film
SOURCE, MEDIA = 2.0, 4.0  # GB of an hour of film: as uploaded, and all renditions
ENCODING = 1.0  # seconds of a two-core function for a second of film; `status` of a film says what it really took
SEGMENT = 6  # seconds

# ---- prices -------------------------------------------------------------------------------------------------------
GB_SECOND, LAMBDA_CALL = 0.0000133334, 0.20e-6  # Lambda, arm64
API_CALL = 3.50e-6  # API Gateway, REST
READ, WRITE = 0.125e-6, 0.625e-6  # DynamoDB, on demand
STORED, ORIGIN_GET, PUT = 0.023, 0.4e-6, 5e-6  # S3: GB a month, requests
TRANSITION = 25e-6  # Step Functions
MAIL = 0.0001  # SES
FIXED = 2 * 0.40 + 11 * 0.10  # secrets and alarms
# CloudFront: GB up to which a price holds (the first terabyte is free), and HTTPS requests after ten million
TRAFFIC = ((1_000, 0.0), (10_000, 0.085), (50_000, 0.08), (150_000, 0.06), (500_000, 0.04), (1_024_000, 0.03),
           (5_120_000, 0.025), (float("inf"), 0.02))  # fmt: skip
REQUEST, FREE_REQUESTS = 1e-6, 10_000_000

ENCODER_GB, API_GB, API_SECONDS = 3538 / 1024, 1.0, 0.05


@dataclass(frozen=True)
class Audience:
    """How many use a stage, and how many films it has.

    Attributes:
        users: That watch in a month.
        films: In the catalogue.
        fresh: Films that are uploaded in a month.
    """

    users: int
    films: int
    fresh: int


def of(users: int) -> Audience:
    """Return an audience of that size: a catalogue grows much slower than those who watch it."""
    films = round(200 * (users / 100) ** 0.57)
    return Audience(users, films, fresh=max(1, films // 10))


def lines(audience: Audience) -> Iterator[tuple[str, str, float]]:
    """Yield what is paid for, the arithmetic, and dollars a month."""
    hours = audience.users * HOURS
    gigabytes = hours * MEGABITS * 3600 / 8 / 1000
    segments = hours * 3600 / SEGMENT
    calls = hours * CALLS
    seconds = audience.fresh * FILM_HOURS * 3600 * ENCODING
    stored = audience.films * FILM_HOURS * (SOURCE + MEDIA)
    chunks = audience.fresh * FILM_HOURS * 3600 / 30

    yield "traffic", f"{hours:,} h x {MEGABITS} Mbit/s = {gigabytes:,.0f} GB, in steps", _traffic(gigabytes)
    paid = max(0.0, segments - FREE_REQUESTS)
    yield "segments", f"{segments:,.0f} requests - {FREE_REQUESTS:,} free", paid * REQUEST + segments * 0.1 * ORIGIN_GET
    yield (
        "storage",
        f"{audience.films:,} films x {FILM_HOURS} h x {SOURCE + MEDIA:g} GB = {stored:,.0f} GB",
        stored * STORED,
    )
    gb_seconds = seconds * ENCODER_GB
    yield "encoding", f"{audience.fresh:,} films x {FILM_HOURS} h x {ENCODER_GB:.2f} GB", gb_seconds * GB_SECOND
    puts = audience.fresh * FILM_HOURS * 3600 / SEGMENT * 3
    work = puts * PUT + chunks * 3 * TRANSITION
    yield "steps", f"{puts:,.0f} objects written, {chunks * 3:,.0f} transitions", work
    yield (
        "API",
        f"{hours:,} h x {CALLS} = {calls:,} calls",
        calls * (API_CALL + LAMBDA_CALL + API_GB * API_SECONDS * GB_SECOND),
    )
    yield "tables", f"{calls:,} calls x 3 reads, 0.5 writes", calls * (3 * READ + 0.5 * WRITE)
    yield "mails", f"{audience.users:,} x 1", audience.users * MAIL
    yield "fixed", "2 secrets, 11 alarms", FIXED


def _traffic(gigabytes: float) -> float:
    paid, below = 0.0, 0.0
    for upto, price in TRAFFIC:
        paid += max(0.0, min(gigabytes, upto) - below) * price
        below = upto
    return paid


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--users", type=int, nargs="+", default=[100, 100_000])
    for users in parser.parse_args().users:
        audience = of(users)
        found = list(lines(audience))
        print(f"\n{users:,} users, {audience.films:,} films, {audience.fresh:,} new ones a month")
        for what, how, dollars in found:
            print(f"  {what:<9} {how:<62} {dollars:>12,.2f}")
        print(f"  {'':<9} {'':<62} {sum(one[2] for one in found):>12,.2f} USD a month")


if __name__ == "__main__":
    main()
