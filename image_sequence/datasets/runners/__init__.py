"""Runners: who makes the shards, one file each."""

ENGINES = ("serial", "processes", "ray")
"""Their names."""
