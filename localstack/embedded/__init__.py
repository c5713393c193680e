"""The embedded emulator: one process that serves AWS, the API and the page, without Docker.

`daemon.py` is that process. `corrections/` restores AWS behaviour that the emulator lacks, one file each.
`edge.py` is the API's listener, `web.py` the page's, `workers/` runs the functions, `snapshots.py` and
`journal.py` keep the state.
"""
