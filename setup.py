"""What `python setup.py sdist --formats=zip` needs; everything is said in pyproject.toml."""

from setuptools import setup

setup()
