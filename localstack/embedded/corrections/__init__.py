"""AWS behaviour that the emulator lacks, restored: one file each, which says what it restores.

`tests/integration/emulator` shows for each that the bare emulator still misbehaves (that test fails once upstream
has mended it: then delete the file) and that the correction works.
"""
