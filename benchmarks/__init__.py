"""Measurements of image_sequence, and checks of what it promises: `python -m benchmarks`."""
