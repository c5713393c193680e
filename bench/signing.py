"""What signing media URLs costs in CPU, by S3 and by CloudFront: `.venv/bin/python -m bench.signing`.

Two jobs in turns, medians compared: the playlist of a two-hour film (1,200 segments) and the thumbnails of 1,000 films,
each in a window that has just begun (within it, a policy is not signed again). Floors in the same run: the raw work
that each cannot do without (an HMAC and a hash for each S3 URL, a P-256 signature for each CloudFront policy). RSA,
which CloudFront takes as well, stands beside it as the reason why the key is elliptic.
"""

from __future__ import annotations

import hashlib
import statistics
import sys
import time
from collections.abc import Callable

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from bench import figures
from functions.delivery.cloudfront import CloudFrontSigner
from functions.delivery.signing import S3Signer

ROUNDS, SEGMENTS, FILMS = 15, 1_200, 1_000
PLAYLIST_LIMIT = 15.0  # milliseconds of own CPU that a playlist may take as a whole
RSA = rsa.generate_private_key(65537, 2048)
KEY = ec.generate_private_key(ec.SECP256R1())
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
SIGNERS: dict[str, S3Signer | CloudFrontSigner] = {
    "s3": S3Signer("https://s3.eu-central-1.amazonaws.com", "media", "eu-central-1", "AKIA", "secret"),
    "cloudfront": CloudFrontSigner("d1.cloudfront.net", "K1", PEM),
}


def playlist(signer: S3Signer | CloudFrontSigner) -> None:
    """Sign every segment of a film, in a window that has just begun."""
    sign = signer.window(1_790_000_000, 10_800)
    for number in range(SEGMENTS):
        sign(f"7/1-0123456789ab/480p/{number:03d}.ts")


def thumbnails(signer: S3Signer | CloudFrontSigner) -> None:
    """Sign the poster of every film of a list, in a window that has just begun."""
    sign = signer.window(1_790_000_000, 3_600)
    for film in range(FILMS):
        sign(f"{film}/1-0123456789ab/thumbnail.jpg")


def hmacs(count: int) -> None:
    """Do what no S3 URL can do without: a hash of some 400 bytes, and two that go on from a key (RFC 2104)."""
    inner, outer = hashlib.sha256(bytes(64)), hashlib.sha256(bytes(64))
    for number in range(count):
        message, signature = inner.copy(), outer.copy()
        message.update(hashlib.sha256(f"{number:03d}".encode() * 130).digest())
        signature.update(message.digest())
        signature.hexdigest()


def signatures(count: int) -> None:
    """Do what no policy can do without."""
    for number in range(count):
        KEY.sign(b"%d" % number * 40, ec.ECDSA(hashes.SHA1(), deterministic_signing=True))


def rsa_signatures(count: int) -> None:
    """Do what each policy would need with a key of RSA."""
    for number in range(count):
        RSA.sign(b"%d" % number * 40, padding.PKCS1v15(), hashes.SHA1())


def milliseconds(jobs: dict[str, Callable[[], None]]) -> dict[str, float]:
    """Return the median CPU time of each job, run in turns."""
    taken: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(ROUNDS):
        for name, job in jobs.items():
            began = time.process_time()
            job()
            taken[name].append((time.process_time() - began) * 1000)
    return {name: statistics.median(times) for name, times in taken.items()}


def main() -> int:
    """Measure and print; return 1 if a playlist takes too long."""
    found = milliseconds(
        {
            "playlist s3": lambda: playlist(SIGNERS["s3"]),
            "playlist cloudfront": lambda: playlist(SIGNERS["cloudfront"]),
            "thumbnails s3": lambda: thumbnails(SIGNERS["s3"]),
            "thumbnails cloudfront": lambda: thumbnails(SIGNERS["cloudfront"]),
            "floor: 1,200 HMACs": lambda: hmacs(SEGMENTS),
            "floor: 1,000 HMACs": lambda: hmacs(FILMS),
            "floor: 1,000 P-256 signatures": lambda: signatures(FILMS),
            "100 RSA-2048 signatures": lambda: rsa_signatures(100),
            "100 P-256 signatures": lambda: signatures(100),
        }
    )
    for name, taken in found.items():
        print(f"{name:32} {taken:9.3f} ms")
    for job, floor in (
        ("playlist s3", "floor: 1,200 HMACs"),
        ("thumbnails s3", "floor: 1,000 HMACs"),
        ("thumbnails cloudfront", "floor: 1,000 P-256 signatures"),
    ):
        print(f"{job}: {found[job] / found[floor]:.2f} times its floor")
        figures.keep(f"signing, {job} / its floor", found[job] / found[floor])
    for signer in ("s3", "cloudfront"):
        figures.keep(f"signing, playlist {signer}", found[f"playlist {signer}"], "ms", PLAYLIST_LIMIT)
    print(f"RSA: {found['100 RSA-2048 signatures'] / found['100 P-256 signatures']:.0f} times P-256")
    return 1 if max(found["playlist s3"], found["playlist cloudfront"]) > PLAYLIST_LIMIT else 0


if __name__ == "__main__":
    sys.exit(main())
