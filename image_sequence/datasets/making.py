"""From a recipe to its shards: what a worker does, given a recipe and the number of a shard."""

import gc
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from math import prod
from pathlib import Path
from typing import Any, Self

import numpy as np

from image_sequence.datasets.formats.kinds import Details
from image_sequence.datasets.policies.kinds import Alphabet
from image_sequence.datasets.receipts import Receipt, receipt_name
from image_sequence.datasets.recipe import Recipe
from image_sequence.datasets.shards import Part, Shard
from image_sequence.datasets.storage import open_storage
from image_sequence.datasets.sums import measured
from image_sequence.datasets.versions import versions
from image_sequence.draws import Draws
from image_sequence.errors import SourceChangedError
from image_sequence.files import remove
from image_sequence.generator import DigitSequence, ImageSequence
from image_sequence.plan import Integers
from image_sequence.sample import Batch

# A worker's time goes into encoding. It would take minutes until compiling had paid, and 150 MB.
_RENDERER = "numpy"
_MOST_AT_A_TIME = 512  # Samples; more are no faster,
_PIXELS_AT_A_TIME = 1 << 22  # nor are more pixels: 16 MB where they are worked on as float32.


class Maker:
    """Makes the samples of a recipe; it loads the glyphs when the first is made."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.policy = recipe.policy()

    @cached_property
    def generator(self) -> ImageSequence:
        """What makes pictures."""
        configuration, seed = self.recipe.configuration, self.recipe.seed
        if configuration.data.path is None:
            return DigitSequence(configuration, seed=seed, renderer=_RENDERER)
        return ImageSequence(config_path=configuration, seed=seed, renderer=_RENDERER)

    @cached_property
    def fingerprint(self) -> str:
        """Of the glyphs, see `ImageSequence.fingerprint`."""
        return self.generator.fingerprint

    @cached_property
    def alphabet(self) -> Alphabet:
        """The labels that there are glyphs of."""
        return Alphabet.of(self.generator.class_names)

    @cached_property
    def lengths(self) -> tuple[int, ...]:
        """All lengths that sequences may have, ascending."""
        return self.policy.lengths(self.alphabet)

    def labels(self, rng: Draws) -> Integers:
        """What the recipe writes on some pictures."""
        return self.policy(self.alphabet, rng)

    def texts(self, first: int, stop: int) -> list[str]:
        """What the samples first … stop - 1 show."""
        return self.generator.texts(self.labels, start=first, stop=stop)

    def batches(self, first: int, stop: int) -> Iterator[Batch]:
        """The samples first … stop - 1 in batches that take little memory."""
        recipe = self.recipe
        layers = max(self.lengths) if recipe.masks else 1
        fitting = _PIXELS_AT_A_TIME // (prod(self.image_shape) * layers)
        return self.generator.stream(
            self.labels,
            recipe.spacing,
            recipe.image_width,
            batch_size=max(1, min(_MOST_AT_A_TIME, fitting)),
            start=first,
            stop=stop,
            dtype=np.uint8,
        )

    @cached_property
    def image_shape(self) -> tuple[int, ...]:
        """Height and width of the pictures, pixels; in colour 3 more."""
        recipe = self.recipe
        stream = self.generator.stream(
            self.labels,
            recipe.spacing,
            recipe.image_width,
            batch_size=1,
            start=recipe.start,
            dtype=np.uint8,
        )
        return next(stream).images.shape[1:]

    def details(self, shard: Shard) -> Details:
        """What a format is told about a shard."""
        return Details(
            shard=shard,
            image_shape=self.image_shape,
            longest=max(self.lengths),
            classes=self.generator.class_names,
            encoding=self.recipe.encoding,
            masks=self.recipe.masks,
        )

    def write(self, shard: Shard, path: Path, told: Callable[[int], None]) -> None:
        """Write a shard to `path`, and tell how many samples are made, every now and then."""
        batches = _telling(self.batches(shard.first, shard.stop), told)
        self.recipe.kept_as.write(path, batches, self.details(shard))


def _telling(batches: Iterator[Batch], told: Callable[[int], None]) -> Iterator[Batch]:
    for batch in batches:
        yield batch
        told(len(batch))


class _Last:
    """The maker that this process has used last: it has loaded its glyphs."""

    maker: Maker | None = None


def fresh_maker(recipe: Recipe) -> Maker:
    """A maker that looks at the glyphs anew; for this process it is the recipe's from now on."""
    _Last.maker = Maker(recipe)
    return _Last.maker


def _maker_of(recipe: Recipe) -> Maker:
    if _Last.maker is None or _Last.maker.recipe != recipe:
        return fresh_maker(recipe)
    return _Last.maker


@lru_cache(maxsize=1)
def _read(recipe: str) -> Recipe:
    return Recipe.from_json(recipe, "recipe.json")


@dataclass(frozen=True, slots=True)
class Job:
    """What workers are told: a few hundred bytes of JSON, and no glyphs.

    Attributes:
        recipe: in JSON.
        where: the data set's folder or address.
        part: whose shards they make; the names of temporary files say it.
        fingerprint: of the glyphs; a worker that finds others makes nothing.
    """

    recipe: str
    where: str
    part: str
    fingerprint: str

    @classmethod
    def of(cls, maker: Maker, where: str, part: Part) -> Self:
        """The job of making a part's shards."""
        return cls(maker.recipe.to_json(), where, part_name(part), maker.fingerprint)

    def to_dict(self) -> dict[str, Any]:
        """The same in plain JSON values."""
        return asdict(self)


def part_name(part: Part) -> str:
    """What the names of a part's temporary files begin with."""
    return f"{part.index}-of-{part.count}"


def make_shard(job: Job, number: int, told: Callable[[int], None] = lambda _: None) -> Receipt:
    """Make one shard, put it in its place when it is whole, and keep the receipt beside it.

    Args:
        job: what to make.
        number: the shard's.
        told: is told how many samples are made, every now and then.

    Raises:
        SourceChangedError: the glyphs here are others than those where the work began.
        OSError: it cannot be written; nothing of it stays behind.
    """
    maker = _maker_of(_read(job.recipe))
    _check_glyphs(maker, job)
    storage = open_storage(job.where)
    shard = maker.recipe.shards[number]
    kept_as = maker.recipe.kept_as
    workspace = storage.workspace()
    # Not of a fixed name: another worker may be at the same shard, given up for dead.
    path = workspace / f"{job.part}-{secrets.token_hex(8)}{kept_as.suffix}"
    try:
        with _little_garbage_collected():
            maker.write(shard, path, told)
        size, checksum = measured(path)
        storage.put(path, shard.name + kept_as.suffix)
    finally:
        remove(path if storage.is_local else workspace)
    receipt = Receipt(
        number=number,
        name=shard.name + kept_as.suffix,
        first=shard.first,
        count=shard.count,
        size=size,
        sum=checksum,
        recipe=maker.recipe.digest,
        glyphs=job.fingerprint,
        made_by=versions(kept_as),
    )
    storage.write_text(receipt_name(number), receipt.to_json())
    return receipt


@contextmanager
def _little_garbage_collected() -> Iterator[None]:
    """Have what is there already not looked through again and again for garbage."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _check_glyphs(maker: Maker, job: Job) -> None:
    found = maker.fingerprint
    if found != job.fingerprint:
        raise SourceChangedError(
            f"the glyphs that this process finds are not those where the work began: their "
            f"fingerprints are {found} and {job.fingerprint}; the same files must lie at the "
            f"recipe's data path on every machine"
        )
