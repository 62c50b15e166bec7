"""The commands of `image-sequence`, one a module."""
