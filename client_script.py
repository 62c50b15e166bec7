"""The classic command: python client_script.py DIGITS MIN_SPACING MAX_SPACING IMAGE_WIDTH."""

import sys

from image_sequence.cli import classic_main

sys.exit(classic_main())
