"""What is measured: pictures to make, how many at a time, and the bounds to keep."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from image_sequence.config import Configuration


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much is measured.

    Attributes:
        batch_size: how many pictures each way makes in a turn.
        rounds: how many turns each way has.
        augmented_batch_size: the same where imgaug takes a millisecond a picture.
        augmented_rounds: the same.
        compared: how many pictures are compared with the naive way's.
        streamed: how many samples the memory of a stream is watched for.
    """

    batch_size: int
    rounds: int
    augmented_batch_size: int
    augmented_rounds: int
    compared: int
    streamed: int


FULL = Sizes(
    batch_size=1024,
    rounds=41,
    augmented_batch_size=256,
    augmented_rounds=15,
    compared=256,
    streamed=1_000_000,
)
QUICK = replace(
    FULL, rounds=7, augmented_batch_size=64, augmented_rounds=5, compared=64, streamed=100_000
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Pictures that each way makes in its turn.

    Attributes:
        configuration: what all ways follow.
        digit_count: how many digits a picture has.
        spacing_range: the smallest and the largest gap, pixels.
        image_width: pixels.
        dtype: "float32" or "uint8".
        batch_size: how many pictures a turn makes.
        rounds: how many turns are measured.
        one_call: whether we make one picture a call; else all in one batch.
        changing: whether each picture has other digits than the one before.
        truth: whether we make masks and both kinds of boxes as well.
        renderers: by which we make them.
        naive_at_least: by renderer, the least that the naive way may take of our time.
        copy_at_most: by renderer, the most that we may take of the time of a copy.
    """

    configuration: Configuration
    digit_count: int
    spacing_range: tuple[int, int]
    image_width: int
    dtype: str
    batch_size: int
    rounds: int
    one_call: bool = False
    changing: bool = False
    truth: bool = False
    renderers: tuple[str, ...] = ("numpy", "numba")
    naive_at_least: Mapping[str, float] = field(default_factory=dict)
    copy_at_most: Mapping[str, float] = field(default_factory=dict)

    @property
    def sequences(self) -> tuple[tuple[int, ...], ...]:
        """The digits of pictures in turn: 0, 1, …; if they change, 1, 2, … next, and so on."""
        turns = range(10 if self.changing else 1)
        return tuple(tuple((turn + k) % 10 for k in range(self.digit_count)) for turn in turns)

    @property
    def name(self) -> str:
        """What is made, as a table shows it."""
        spacing = f"{self.configuration.spacing_type}/{self.configuration.spacing_subtype}"
        parts = [spacing, f"{self.digit_count} digits", f"{self.image_width} px", self.dtype]
        more = {
            "augmented": self.configuration.transform,
            "masks and boxes": self.truth,
            "one call at a time": self.one_call,
            "other digits each time": self.changing,
        }
        return ", ".join([*parts, *(part for part, is_so in more.items() if is_so)])


def all_cases(sizes: Sizes) -> tuple[Case, ...]:
    """The configurations that `image-sequence bench` measures."""
    wide = Case(
        configuration=Configuration(),
        digit_count=10,
        spacing_range=(0, 20),
        image_width=390,
        dtype="float32",
        batch_size=sizes.batch_size,
        rounds=sizes.rounds,
    )
    short = replace(wide, digit_count=5, spacing_range=(0, 10), image_width=160, dtype="uint8")
    fixed = replace(
        wide,
        configuration=Configuration(spacing_type="fixed", spacing_subtype="edge"),
        dtype="uint8",
    )
    augmented = replace(
        wide,
        configuration=Configuration(transform=True),
        batch_size=sizes.augmented_batch_size,
        rounds=sizes.augmented_rounds,
        renderers=("numpy",),  # All but a hundredth of the time is imgaug's.
    )
    return (
        replace(
            wide, naive_at_least={"numpy": 5, "numba": 9}, copy_at_most={"numpy": 8, "numba": 4}
        ),
        replace(short, naive_at_least={"numpy": 6, "numba": 15}),
        replace(fixed, naive_at_least={"numpy": 12, "numba": 20}),
        replace(fixed, truth=True, naive_at_least={"numpy": 3, "numba": 3}),
        replace(augmented, naive_at_least={"numpy": 1.2}),
        replace(wide, one_call=True, naive_at_least={"numpy": 2, "numba": 2}),
        # The same bound, though nothing can be made ahead.
        replace(wide, one_call=True, changing=True, naive_at_least={"numpy": 2, "numba": 2}),
        replace(wide, dtype="uint8", truth=True),
    )
