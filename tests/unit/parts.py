"""Parts of an upload, laid straight into moto's S3: by HTTP each of 8 MiB is copied and summed several times."""

import functools
import hashlib

from moto.backends import get_backend
from moto.core import DEFAULT_ACCOUNT_ID


def put(bucket: str, upload_id: str, number: int, body: bytes) -> str:
    """Do what a PUT of a part does. Returns the ETag of its answer."""
    part = get_backend("s3")[DEFAULT_ACCOUNT_ID]["aws"].upload_part(bucket, upload_id, number, body)
    part._etag = _md5(body)
    return part.etag


@functools.lru_cache(maxsize=4)  # most parts of a test's film are the same bytes
def _md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()
