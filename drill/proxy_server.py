"""microburst's command, which hands on how long a body is as well: `python -m drill.proxy_server --upstream URL`.

microburst 0.10.0 drops Content-Length both ways, and S3's answer to a HEAD says a file's size nowhere else.
"""

from __future__ import annotations

import sys

from microburst import cli, forward

forward.HOP_BY_HOP -= {"content-length"}

if __name__ == "__main__":
    sys.exit(cli.main())
