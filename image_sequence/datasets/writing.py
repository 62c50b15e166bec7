"""`write_dataset`: from a recipe to a data set on disk."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from os import PathLike
from typing import Any, Self, TypeAlias

from image_sequence.datasets.feasibility import checked_maker
from image_sequence.datasets.ledger import Ledger, manifest_of, recipe_that_lies_in
from image_sequence.datasets.making import Job, Maker
from image_sequence.datasets.manifest import Manifest
from image_sequence.datasets.progress import bar
from image_sequence.datasets.receipts import Receipt
from image_sequence.datasets.recipe import Recipe, read_settings
from image_sequence.datasets.runners.kinds import End, Event, Runner, Start, Tell
from image_sequence.datasets.runners.known import runner_of
from image_sequence.datasets.shards import WHOLE, Part
from image_sequence.datasets.storage import Storage, open_storage
from image_sequence.errors import ImageSequenceError, UnfinishedError

Watch: TypeAlias = Callable[[Start], Tell]


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of a call.

    Attributes:
        where: the data set's folder or address.
        recipe: what was made.
        made_count: how many samples this call made.
        receipts: of all shards that are there, in order.
        manifest: what the data set consists of; None while shards of other parts are missing.
    """

    where: str
    recipe: Recipe
    made_count: int
    receipts: tuple[Receipt, ...]
    manifest: Manifest | None

    @classmethod
    def of(cls, ledger: Ledger, made_count: int) -> Self:
        """What became of a call that made so many samples."""
        receipts = tuple(ledger.receipts[number] for number in sorted(ledger.receipts))
        manifest = manifest_of(ledger.storage)
        return cls(ledger.storage.name, ledger.recipe, made_count, receipts, manifest)

    @property
    def sample_count(self) -> int:
        """How many samples are there."""
        return sum(receipt.count for receipt in self.receipts)

    @property
    def size(self) -> int:
        """Bytes of all shards that are there."""
        return sum(receipt.size for receipt in self.receipts)


def write_dataset(
    recipe: Recipe | Mapping[str, Any] | str | PathLike[str],
    directory: str | PathLike[str],
    *,
    workers: int = 1,
    engine: str | None = None,
    address: str | None = None,
    part: Part = WHOLE,
    watch: Watch | None = bar,
) -> Summary:
    """Make a data set, or go on where a call has stopped: the same again makes what is missing.

    A shard gets its name when it is whole, so whatever happens, finished shards are kept. The bytes
    are the same whoever made them: by one process or by many, at a stretch or with interruptions.

    Args:
        recipe: what to make; as JSON holds it, or the path of such a file. Without a seed, that of
            the data set that lies there is taken, or a fresh one.
        directory: a folder that is empty, not there yet, or holds what is there of this data set;
            or an address that fsspec opens, such as "s3://bucket/digits".
        workers: how many processes make shards; 1 makes them in this one.
        engine: "serial", "processes" or "ray"; by default whichever fits the workers.
        address: with "ray", the cluster's; by default a running one, or else this machine.
        part: which shards this call makes, where several machines share the work; whoever finishes
            last joins the parts.
        watch: is called with the `Start` and returns what is told of each `Event`; by default a bar
            that shows progress on a terminal. None for silence.

    Raises:
        RecipeError, ArgumentTypeError, ArgumentValueError, ConfigurationError: the recipe cannot be
            made; nothing is written.
        LibraryError: the format or the engine needs a library that is not there.
        TakenError: the folder holds something else, or another process is at it.
        UnfinishedError: a disk is full, or fails otherwise; what is finished is kept.
        SourceChangedError: the glyphs are others than those of the shards that are there.
    """
    storage = open_storage(directory)
    maker = checked_maker(_as_recipe(recipe, storage))
    run = runner_of(engine, workers=workers, address=address)
    there = Ledger.found(storage, maker.recipe)
    if there.is_complete:
        return Summary.of(there, 0)
    with Ledger.opened(storage, maker.recipe, part) as ledger:
        return _written(ledger, maker, run, part, watch or _silent)


def _written(ledger: Ledger, maker: Maker, run: Runner, part: Part, watch: Watch) -> Summary:
    ledger.check_glyphs(maker.fingerprint)
    missing = ledger.missing(part)
    shards = maker.recipe.shards
    to_make = sum(shards[number].count for number in missing)
    found = sum(receipt.count for receipt in ledger.receipts.values())
    tell = watch(Start(maker.recipe, to_make, found, len(missing)))
    # Workers may be in another folder.
    where = str(ledger.storage.path or ledger.storage.name)
    job = Job.of(maker, where, part)

    def noted(event: Event) -> None:
        if isinstance(event, Receipt):
            ledger.receipts[event.number] = event
        tell(event)

    try:
        run(job, missing, noted)
        ledger.join(maker.details(shards[0]))
        _check_all_there(ledger, part)
    except (ImageSequenceError, BrokenPipeError):
        raise
    except OSError as error:
        raise _unfinished(error, ledger) from error
    finally:
        tell(End())
    return Summary.of(ledger, to_make)


def _check_all_there(ledger: Ledger, part: Part) -> None:
    lost = ledger.missing(part)
    if lost:
        raise FileNotFoundError(
            f"{len(lost)} shards, shard {lost[0]} the first, were made and are not there: workers "
            f"must write to what this process reads, and nobody may take it away"
        )


def _silent(_start: Start) -> Tell:
    return lambda _event: None


def _unfinished(error: OSError, ledger: Ledger) -> UnfinishedError:
    done, all_ = len(ledger.receipts), len(ledger.recipe.shards)
    return UnfinishedError(
        f"{error}; {done} of {all_} shards are finished and kept in {ledger.storage.name}: mend "
        f"it, and the same command goes on"
    )


def _as_recipe(recipe: object, storage: Storage) -> Recipe:
    if isinstance(recipe, Recipe):
        return recipe
    settings: Any = recipe
    if isinstance(recipe, (str, PathLike)):
        settings = read_settings(recipe)
    if isinstance(settings, Mapping) and settings.get("seed") is None:
        there = recipe_that_lies_in(storage)
        settings = {**settings, "seed": None if there is None else there.seed}
    return Recipe.from_dict(settings)
