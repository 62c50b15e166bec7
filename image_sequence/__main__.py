"""`python -m image_sequence`: the same as the command `image-sequence`."""

import sys

from image_sequence.cli import main

sys.exit(main())
