"""Formats of data sets on disk, a file each."""
