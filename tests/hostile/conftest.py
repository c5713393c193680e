"""Hostile films run on moto, which takes a process for itself: apart from the tests that talk to a stack's AWS."""

from tests.integration.transcoding.conftest import binaries, tools
from tests.unit.conftest import environment, tables

__all__ = ["binaries", "environment", "tables", "tools"]
