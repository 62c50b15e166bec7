"""Samples for PyTorch's DataLoader: by number, or as a stream of batches that workers share."""

import os
from collections.abc import Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from image_sequence.errors import ArgumentTypeError, ArgumentValueError, LibraryError, shown
from image_sequence.training.collating import Collate, Columns, plain
from image_sequence.training.epochs import Order, Schedule
from image_sequence.training.samples import RecipeLike, Samples, recipe_seed
from image_sequence.whole_numbers import is_whole_number

_DECIDED = {"batch_size", "shuffle", "sampler", "batch_sampler", "drop_last"}
_ADVICE = 'pip install torch, or "image-sequence[torch]"'


class Rows(Sequence[dict[str, Any]]):
    """The samples of a whole batch, one by one if somebody wants them so.

    Attributes:
        whole: all of them: tensors, and lists of texts, by name.
    """

    def __init__(self, whole: Mapping[str, Any]) -> None:
        self.whole = whole

    def __len__(self) -> int:
        return len(self.whole["index"])

    def __getitem__(self, row: Any) -> Any:
        return {name: column[row] for name, column in self.whole.items()}


class _Epochs:
    """Which epoch, and which step of it, comes next: told by the main process, known to workers."""

    def __init__(self) -> None:
        # In shared memory, so that workers that live on hear of it.
        self._place = _torch().zeros(2, dtype=_torch().int64).share_memory_()

    @property
    def epoch(self) -> int:
        return int(self._place[0])

    @property
    def step(self) -> int:
        return int(self._place[1])

    def set(self, epoch: object, step: object = 0) -> None:
        for name, value in (("an epoch", epoch), ("a step", step)):
            if not is_whole_number(value):
                raise ArgumentTypeError(f"{name} is a whole number such as 1, not {shown(value)}")
            if value < 0:
                raise ArgumentValueError(f"{name} is at least 0, {value} is not")
        self._place[0], self._place[1] = epoch, step


class SequenceDataset:
    """The samples of a recipe by number, for a `DataLoader` that draws or shares out the numbers.

    Item i is sample `start + i` of the recipe. With `collate_fn=SequenceDataset.whole` a batch is
    made and handed over in one piece, which is many times as fast; any other works as well.

    Args:
        recipe: as for `Samples`, as are the next three.
        collate: `plain`, a `CtcCollate`, or any function of the same form.
        dtype: uint8 or float32.
        fresh: whether each epoch that `set_epoch` tells of has pictures of its own.

    Raises:
        LibraryError: torch is missing.
        Otherwise as `Samples`.
    """

    def __init__(
        self,
        recipe: RecipeLike,
        *,
        collate: Collate = plain,
        dtype: DTypeLike = np.uint8,
        fresh: bool = True,
    ) -> None:
        _torch()
        self.samples = Samples(recipe, collate=collate, dtype=dtype, fresh=fresh)
        self._epochs = _Epochs()

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, number: int) -> dict[str, Any]:
        """Sample `number`, 0 … len - 1: the row of the batch that holds it alone.

        Raises:
            IndexError: there is no such sample.
        """
        item: dict[str, Any] = self.__getitems__([number])[0]
        return item

    def __getitems__(self, numbers: Sequence[int]) -> Rows:
        """Several samples at once; what a DataLoader asks for.

        Raises:
            IndexError: there is no such sample.
        """
        places = range(len(self))
        recipe = self.samples.recipe
        indices = recipe.start + np.array([places[number] for number in numbers], np.int64)
        return Rows(_tensors(self.samples.columns(self._epochs.epoch, indices)))

    def set_epoch(self, epoch: int) -> None:
        """Show an epoch's pictures from the next iteration on, in workers that live on as well.

        Raises:
            ArgumentTypeError, ArgumentValueError: there is no such epoch.
        """
        self._epochs.set(epoch)

    @staticmethod
    def whole(rows: Rows) -> Mapping[str, Any]:
        """The batch in one piece, for `DataLoader(…, collate_fn=SequenceDataset.whole)`."""
        return rows.whole


class SequenceStream:
    """Whole batches of a recipe's samples, shared out among ranks and workers: none comes twice.

    For `DataLoader(stream, batch_size=None)`, or a `SequenceLoader`, which counts epochs as well.
    The batches, and their order, are the same with any number of workers.

    Args:
        recipe: as for `Samples`; its count is that of an epoch. Where several ranks share it, it
            needs a seed.
        batch_size: samples of a batch, of each rank.
        collate: `plain`, a `CtcCollate`, or any function of the same form.
        dtype: uint8 or float32.
        shuffle: whether an epoch's samples come in an order that is drawn anew for each epoch; that
            takes 8 bytes a sample in each worker. What is drawn at random needs none.
        fresh: whether each epoch has pictures of its own.
        rank: which of the processes that share the epochs this one is; if it is None,
            torch.distributed is asked, or else the variables that torchrun sets.
        ranks: how many there are; the same.

    Raises:
        LibraryError: torch is missing.
        ArgumentTypeError, ArgumentValueError: a batch size or a rank that cannot be.
        Otherwise as `Samples`.
    """

    def __init__(
        self,
        recipe: RecipeLike,
        *,
        batch_size: int = 256,
        collate: Collate = plain,
        dtype: DTypeLike = np.uint8,
        shuffle: bool = False,
        fresh: bool = True,
        rank: int | None = None,
        ranks: int | None = None,
    ) -> None:
        self.rank, self.ranks = _place_among_ranks(rank, ranks)
        _check_seeded(recipe, self.ranks)
        self.samples = Samples(recipe, collate=collate, dtype=dtype, fresh=fresh)
        own = self.samples.recipe
        self._schedule = Schedule(own.count, batch_size, self.ranks)
        self._order = Order(own.start, own.count, shuffle)
        self._epochs = _Epochs()
        self._done = self._skipped = 0
        self._count_as_iterable()

    def __len__(self) -> int:
        """How many batches an epoch has, for this rank."""
        return len(self._schedule)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """The batches of the epoch, from the step on that was told; in a worker, its share."""
        worker, workers = _place_among_workers()
        epoch = self._epochs.epoch
        own = range(self._epochs.step + worker, len(self), workers)
        self._done, self._skipped = self._skipped, 0
        order = self._order.of_epoch(self.samples.recipe.seed, epoch)
        for step in own[self._done :]:
            first, stop = self._schedule.places(step, self.rank)
            columns = self.samples.columns(epoch, order[first:stop])
            self._done += 1
            yield _tensors(columns)
        self._done = 0

    @property
    def epoch(self) -> int:
        """The epoch that comes next, or is under way."""
        return self._epochs.epoch

    def set_epoch(self, epoch: int, step: int = 0) -> None:
        """Show an epoch from the next iteration on, in workers that live on as well.

        Args:
            epoch: whole number, at least 0.
            step: how many batches of it are left out.

        Raises:
            ArgumentTypeError, ArgumentValueError: there is no such epoch or step.
        """
        if is_whole_number(step) and step > len(self):
            raise ArgumentValueError(f"an epoch has {len(self)} steps, {step} is more")
        self._epochs.set(epoch, step)
        self._done = self._skipped = 0

    def state_dict(self) -> dict[str, Any]:
        """Where this process is in the epoch, in plain values.

        That is of use in loops without workers, and to torchdata's `StatefulDataLoader`, which asks
        the workers. With workers of a plain `DataLoader`, ask a `SequenceLoader`.
        """
        place = {"epoch": self._epochs.epoch, "step": self._epochs.step, "done": self._done}
        return place | self._terms()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state with the next iteration: the same remaining samples.

        Raises:
            ArgumentValueError: the state is that of another recipe, batch size or number of ranks.
        """
        self._check_state(state)
        self.set_epoch(state["epoch"], state["step"])
        self._done = self._skipped = state.get("done", 0)

    def _check_state(self, state: Mapping[str, Any]) -> None:
        for name, own in self._terms().items():
            if state.get(name) != own:
                raise ArgumentValueError(
                    f"the state is of a stream whose {name} is {shown(state.get(name))}, and here "
                    f"it is {shown(own)}: other samples would remain"
                )

    def _terms(self) -> dict[str, Any]:
        """What decides which samples remain."""
        return {
            "recipe": self.samples.recipe.digest,
            "batch_size": self._schedule.batch_size,
            "ranks": self.ranks,
            "shuffle": self._order.shuffled,
            "fresh": self.samples.fresh,
        }

    def _count_as_iterable(self) -> None:
        # A DataLoader asks whether a data set is one. Who has no torch can import this module.
        _torch().utils.data.IterableDataset.register(type(self))

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._count_as_iterable()


class SequenceLoader:
    """A `DataLoader` of a stream that counts: an iteration is an epoch, and the next one the next.

    A loop that is left in mid-epoch goes on there: with the next iteration, or from `state_dict` in
    another process. What workers had made ahead by then is made again.

    Args:
        stream: the batches.
        options: what a `DataLoader` takes: num_workers, pin_memory, prefetch_factor,
            persistent_workers, multiprocessing_context and others.

    Raises:
        ArgumentTypeError: no stream, or an option that a stream decides itself.
    """

    def __init__(self, stream: SequenceStream, **options: Any) -> None:
        if not isinstance(stream, SequenceStream):
            raise ArgumentTypeError(f"a loader is of a SequenceStream, not {shown(stream)}")
        decided = sorted(_DECIDED & options.keys())
        if decided:
            raise ArgumentTypeError(
                f"the stream decides about {', '.join(decided)}: tell SequenceStream"
            )
        self.stream = stream
        self._epoch = self._step = 0
        self._set_place(stream.state_dict())
        self._loader = _torch().utils.data.DataLoader(stream, batch_size=None, **options)

    def __len__(self) -> int:
        """How many batches a whole epoch has, for this rank."""
        return len(self.stream)

    @property
    def epoch(self) -> int:
        """The epoch that is under way, or comes next: 0 for the first."""
        return self._epoch

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """The batches of the epoch, or those that remain of it."""
        self.stream.set_epoch(self._epoch, self._step)
        for batch in self._loader:
            # Before the loop has it: a state that is kept after the batch leaves it out.
            self._step += 1
            yield batch
        self._epoch, self._step = self._epoch + 1, 0

    def state_dict(self) -> dict[str, Any]:
        """Where the loop is: plain values, for `torch.save` or JSON."""
        self.stream.set_epoch(self._epoch, self._step)
        return self.stream.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state with the next iteration: the same remaining samples.

        The number of workers may be another; that of ranks may not.

        Raises:
            ArgumentValueError: the state is that of another recipe, batch size or number of ranks.
        """
        self.stream.load_state_dict(state)
        self._set_place(state)

    def _set_place(self, state: Mapping[str, Any]) -> None:
        self._epoch, self._step = state["epoch"], state["step"] + state.get("done", 0)


def _tensors(columns: Columns) -> dict[str, Any]:
    torch = _torch()
    return {
        name: torch.from_numpy(column) if isinstance(column, np.ndarray) else column
        for name, column in columns.items()
    }


def _place_among_workers() -> tuple[int, int]:
    told = _torch().utils.data.get_worker_info()
    return (0, 1) if told is None else (told.id, told.num_workers)


def _place_among_ranks(rank: object, ranks: object) -> tuple[int, int]:
    if rank is None and ranks is None:
        distributed = _torch().distributed
        if distributed.is_available() and distributed.is_initialized():
            return distributed.get_rank(), distributed.get_world_size()
        return int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    if not is_whole_number(rank) or not is_whole_number(ranks):
        raise ArgumentTypeError(
            f"rank and ranks are whole numbers such as 0 and 2, both or neither, not "
            f"{shown(rank)} and {shown(ranks)}"
        )
    if not 0 <= rank < ranks:
        raise ArgumentValueError(f"{ranks} ranks are numbered from 0, {rank} is none of them")
    return int(rank), int(ranks)


def _check_seeded(recipe: RecipeLike, ranks: int) -> None:
    if ranks > 1 and recipe_seed(recipe) is None:
        raise ArgumentValueError(
            f"{ranks} ranks would each draw a seed of their own; give the recipe a seed, such as 7"
        )


def _torch() -> ModuleType:
    try:
        import torch
        import torch.utils.data
    except ImportError as error:
        raise LibraryError(f"torch does not load: {error}; {_ADVICE}") from error
    module: ModuleType = torch
    return module
