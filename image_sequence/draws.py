"""Random numbers for a batch of samples, each sample's own.

Sample i gets the same numbers whatever else is in the batch, on every release of NumPy: only the
raw bits of a counter-based generator are used, and they are mapped to numbers here.
"""

import secrets
import threading
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from image_sequence.errors import ArgumentTypeError, ArgumentValueError, shown
from image_sequence.whole_numbers import is_whole_number

_WORDS_PER_BLOCK = 4  # Philox4x64 makes four 64-bit words from each value of its counter.
_LARGEST_SPAN = 2**32
_SEED_LIMIT = 2**64
_SAMPLES_AHEAD = 64  # Their words cost hardly more than those of one.
_MOST_AHEAD = 64  # Kept at a time: each call of each stream of each seed.
_HALF = np.uint64(32)
_LOW_HALF = np.uint64(0xFFFFFFFF)

_NO_WORDS = np.empty((0, 0, _WORDS_PER_BLOCK), np.uint64)

# Philox 4x64: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011).
_ROUND_COUNT = 10
_MULTIPLIERS = (np.uint64(0xD2E7470EE14C6C93), np.uint64(0xCA5A826395121157))
_KEY_STEPS = np.array([0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B], np.uint64)


def fresh_seed() -> int:
    """A seed nobody chose: 48 bits of the operating system's entropy, short enough to retype."""
    return secrets.randbits(48)


def checked_seed(seed: object) -> int:
    """The seed as a Python int.

    Raises:
        ArgumentTypeError: `seed` is not a whole number.
        ArgumentValueError: `seed` is outside 0 … 2**64 - 1.
    """
    if not is_whole_number(seed):
        raise ArgumentTypeError(f"a seed is a whole number such as 7, not {shown(seed)}")
    if not 0 <= seed < _SEED_LIMIT:
        raise ArgumentValueError(f"a seed lies from 0 to 2**64 - 1, {shown(seed)} does not")
    return int(seed)


class Draws:
    """Random numbers for a batch of samples: row k of every result belongs to sample `indices[k]`.

    A row depends on (seed, stream, index) and on the calls made before on the same object, and on
    nothing else. So make the same calls for every batch: never decide by a drawn value whether to
    draw again.

    Attributes:
        seed: whole number, 0 … 2**64 - 1.
        stream: what the numbers are for; two streams of one seed share nothing.
        indices: int64, shape (batch,), the samples' indices, each 0 … 2**63 - 1.

    >>> rng = Draws(seed=7, stream="spacing", indices=[3, 4])
    >>> gaps = rng.integers(0, 20, 3)
    >>> alone = Draws(seed=7, stream="spacing", indices=[4]).integers(0, 20, 3)
    >>> gaps.shape, bool((gaps[1] == alone[0]).all())
    ((2, 3), True)
    """

    __slots__ = ("_call", "_key", "indices", "seed", "stream")

    def __init__(self, seed: int, stream: str, indices: ArrayLike) -> None:
        self.seed = checked_seed(seed)
        self.stream = stream
        self.indices: NDArray[np.int64] = np.array(indices, dtype=np.int64, ndmin=1)
        if self.indices.min(initial=0) < 0:
            raise ArgumentValueError(f"a sample's index is at least 0, not {self.indices.min()}")
        self._key = _key(self.seed, stream)
        self._call = 0

    @property
    def batch_size(self) -> int:
        """How many samples the batch has: the length of every result's first axis."""
        return int(self.indices.size)

    def named(self, name: str) -> "Draws":
        """Draws of the same samples from a stream of its own: that of this one, and a name more.

        >>> Draws(seed=7, stream="page", indices=[3]).named("noise").stream
        'page/noise'
        """
        return Draws(self.seed, f"{self.stream}/{name}", self.indices)

    def integers(self, low: ArrayLike, high: ArrayLike, count: int) -> NDArray[np.int64]:
        """Whole numbers, uniform over low … high, **both ends included**.

        Args:
            low: the least value; a number, or an array that broadcasts to (batch, count).
            high: the largest value; the same.
            count: how many numbers each sample gets.

        Returns:
            int64, shape (batch, count).

        Raises:
            ArgumentValueError: low > high, or more than 2**32 values to choose from.
        """
        lowest = np.asarray(low, np.int64)
        span = np.asarray(high, np.int64) - lowest + 1
        # One number has no need of a reduction, which takes as long as drawing a few.
        smallest, largest = (span, span) if span.ndim == 0 else (span.min(), span.max())
        if smallest < 1 or largest > _LARGEST_SPAN:
            raise ArgumentValueError(
                f"from {low!r} to {high!r} there is nothing to draw, or too much; "
                f"low <= high and at most 2**32 values work"
            )
        return lowest + _scaled(self.raw(count), span.astype(np.uint64)).view(np.int64)

    def uniform(self, low: ArrayLike, high: ArrayLike, count: int) -> NDArray[np.float64]:
        """Real numbers, uniform over [low, high): float64, shape (batch, count).

        The top 53 bits of each raw word make the fraction, as many as a float64 holds.
        """
        fraction = (self.raw(count) >> np.uint64(11)).astype(np.float64) * 2.0**-53
        lowest = np.asarray(low, np.float64)
        return lowest + (np.asarray(high, np.float64) - lowest) * fraction

    def raw(self, count: int) -> NDArray[np.uint64]:
        """Raw random words: uint64, shape (batch, count).

        Word j of sample i is a function of (seed, stream, i, call, j): a larger `count` or another
        batch changes nothing in it.
        """
        block_count = -(-count // _WORDS_PER_BLOCK)
        call, self._call = self._call, self._call + 1
        if self.batch_size == 1:
            words = _words_ahead(self._key, int(self.indices[0]), block_count, call)
        elif self._indices_are_a_run():
            first = int(self.indices[0])
            words = _words_of_a_run(self._key, first, self.batch_size, block_count, call)
        else:
            words = _words(self._key, self.indices, block_count, call)
        return words.reshape(self.batch_size, -1)[:, :count]

    def runs(
        self, rows: NDArray[np.int64], places: NDArray[np.int64], count: int
    ) -> NDArray[np.uint64]:
        """Raw random words for parts of samples, such as the pixels of an image.

        Word j is a function of (seed, stream, index, place, call, j). A long run of words takes
        less time than as many from `raw`, and only what is asked for is drawn.

        Args:
            rows: int64, shape (parts,): which of the batch's samples each part belongs to.
            places: int64, shape (parts,), 0 … 2**32 - 1: which part of its sample it is.
            count: how many words each part gets.

        Returns:
            uint64, shape (parts, count).
        """
        call, self._call = self._call, self._call + 1
        philox = _bits().philox
        words = np.empty((len(rows), count), np.uint64)
        # The last counter word sets these apart from what `raw` and `generators` use.
        counter = np.array([0, 0, 0, 2], np.uint64)
        state = _state(counter, self._key)
        for part, (row, place) in enumerate(zip(rows.tolist(), places.tolist(), strict=True)):
            counter[:3] = 0, self.indices[row], call << 32 | place
            philox.state = state
            words[part] = philox.random_raw(count)
        return words

    # The quotes keep NumPy from loading numpy.random for an annotation.
    def generators(self) -> Iterator["np.random.Generator"]:
        """One NumPy generator for each sample, in order, for code that wants to draw from one.

        NumPy promises the bits of such a generator between its releases, not what the generator's
        methods make of them.
        """
        call, self._call = self._call, self._call + 1
        for index in self.indices.tolist():
            # The last counter word sets these apart from every word that `raw` hands out.
            counter = np.array([0, index, call, 1], np.uint64)
            yield np.random.Generator(np.random.Philox(key=self._key, counter=counter))

    def _indices_are_a_run(self) -> bool:
        """Whether each index is the one after its predecessor."""
        return bool(self.batch_size and (np.diff(self.indices) == 1).all())


class _Bits(threading.local):
    """What a thread keeps between draws.

    Attributes:
        philox: NumPy's generator of raw bits: setting it is quick, making it is not.
        ahead: words of some samples in a row, by key, blocks and call, and the first one's index.
    """

    def __init__(self) -> None:
        self.philox = np.random.Philox(key=0)
        self.ahead: dict[tuple[bytes, int, int], tuple[int, NDArray[np.uint64]]] = {}


@lru_cache(maxsize=1)
def _bits() -> _Bits:
    # Made when it is first needed: importing numpy.random takes time.
    return _Bits()


@lru_cache(maxsize=64)
def _key(seed: int, stream: str) -> NDArray[np.uint64]:
    digest = blake2b(f"image-sequence/{stream}/{seed}".encode(), digest_size=16).digest()
    key = np.frombuffer(digest, "<u8").astype(np.uint64)
    key.flags.writeable = False
    return key


def _words_ahead(
    key: NDArray[np.uint64], index: int, block_count: int, call: int
) -> NDArray[np.uint64]:
    """The words of one sample: (1, blocks, 4). The next samples' are kept for the next calls."""
    ahead = _bits().ahead
    name = (key.tobytes(), block_count, call)
    first, words = ahead.get(name, (0, _NO_WORDS))
    if not 0 <= index - first < len(words):
        if len(ahead) >= _MOST_AHEAD:
            ahead.clear()
        count = min(_SAMPLES_AHEAD, 2**63 - index)
        first, words = index, _words_of_a_run(key, index, count, block_count, call)
        ahead[name] = first, words
    return words[index - first, None]


def _words_of_a_run(
    key: NDArray[np.uint64], first: int, count: int, block_count: int, call: int
) -> NDArray[np.uint64]:
    """The words of indices that follow each other, by NumPy's generator: (count, blocks, 4)."""
    philox = _bits().philox
    words = np.empty((count, block_count, _WORDS_PER_BLOCK), np.uint64)
    # The counter's lowest word is the sample: a run of samples is one run of counters.
    counter = np.array([first, 0, call, 0], np.uint64)
    state = _state(counter, key)
    for block in range(block_count):
        counter[1] = block
        philox.state = state
        words[:, block] = philox.random_raw(count * _WORDS_PER_BLOCK).reshape(count, -1)
    words.flags.writeable = False
    return words


def _state(counter: NDArray[np.uint64], key: NDArray[np.uint64]) -> Any:
    """What sets NumPy's generator to a counter; a change of the counter changes it as well."""
    return {
        "bit_generator": "Philox",
        "state": {"counter": counter, "key": key},
        "buffer": np.zeros(_WORDS_PER_BLOCK, np.uint64),
        "buffer_pos": _WORDS_PER_BLOCK,
        "has_uint32": 0,
        "uinteger": 0,
    }


def _words(
    key: NDArray[np.uint64], indices: NDArray[np.int64], block_count: int, call: int
) -> NDArray[np.uint64]:
    """The same words for any indices, computed here for all of them at once."""
    # NumPy counts up before it draws, so sample i has the block of counter i + 1.
    first = (indices.astype(np.uint64) + np.uint64(1))[:, None]
    shape = (indices.size, block_count)
    words = [
        np.broadcast_to(first, shape),
        np.broadcast_to(np.arange(block_count, dtype=np.uint64), shape),
    ]
    words += [np.full(shape, call, np.uint64), np.zeros(shape, np.uint64)]
    for number in range(_ROUND_COUNT):
        round_key = key + np.uint64(number) * _KEY_STEPS
        high_0, low_0 = wide_product(words[0], _MULTIPLIERS[0])
        high_1, low_1 = wide_product(words[2], _MULTIPLIERS[1])
        words = [high_1 ^ words[1] ^ round_key[0], low_1, high_0 ^ words[3] ^ round_key[1], low_0]
    return np.stack(words, axis=-1)


def wide_product(
    words: NDArray[np.uint64], factor: np.uint64
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The high and the low 64 bits of 128-bit products: uint64, of the shape of `words`."""
    word_high, word_low = words >> _HALF, words & _LOW_HALF
    factor_high, factor_low = factor >> _HALF, factor & _LOW_HALF
    middle = word_high * factor_low + (word_low * factor_low >> _HALF)
    carry = (middle & _LOW_HALF) + word_low * factor_high
    high = word_high * factor_high + (middle >> _HALF) + (carry >> _HALF)
    return high, words * factor


def _scaled(words: NDArray[np.uint64], span: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """`words * span >> 64` without 128-bit numbers, for spans up to 2**32.

    Multiply-shift after Lemire, "Fast Random Integer Generation in an Interval" (2019), without
    its rejection step: no value is likelier than another by more than span / 2**64.
    """
    scaled: NDArray[np.uint64] = (
        (words >> _HALF) * span + ((words & _LOW_HALF) * span >> _HALF)
    ) >> _HALF
    return scaled
