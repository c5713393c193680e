"""Fault injection against a whole embedded stack: `make drill`. docs/reliability.md is what it wrote."""
