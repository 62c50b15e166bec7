"""A bar for whoever waits: samples a second, and the time that is left."""

import sys

from image_sequence.datasets.runners.kinds import End, Event, Made, Start, Tell


def bar(start: Start) -> Tell:
    """A bar on a terminal; nothing where there is none."""
    from tqdm import tqdm

    shown = tqdm(
        total=start.found_count + start.sample_count,
        initial=start.found_count,
        unit="image",
        unit_scale=True,
        # None asks whether there is a terminal; a program without a console has not even that.
        disable=None if sys.stderr else True,
    )

    def tell(event: Event) -> None:
        if isinstance(event, Made):
            shown.update(event.count)
        elif isinstance(event, End):
            shown.close()

    return tell
