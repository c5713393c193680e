"""microburst's command, with two faults of it mended: `python -m drill.proxy_server --upstream URL`.

microburst 0.10.0 drops Content-Length both ways, and S3's answer to a HEAD says a file's size nowhere else. And it
looks for an upload's name in the query as `UploadId`, so that it takes ListParts for GetObject, and its like.
"""

from __future__ import annotations

import sys

from microburst import cli, forward
from microburst.detection import rest_operations

forward.HOP_BY_HOP -= {"content-length"}

_ON_THE_WIRE = {"UploadId": "uploadId", "PartNumber": "partNumber"}
for operation in rest_operations("s3"):
    operation["required_query"] = {_ON_THE_WIRE.get(name, name) for name in operation["required_query"]}

if __name__ == "__main__":
    sys.exit(cli.main())
