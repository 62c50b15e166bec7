"""The renderer for many pictures: the same pixels as `blocks`, compiled by numba when first used.

Output columns are cut into tiles. A tile is the product of a short window of the strip and a small
matrix of weights; its sums stay in registers until they are pixels. Tiles and rows without ink are
left out. All sums are whole numbers below 2**24, so float32 has them exactly, in whatever order
they are added up.

The kernels are plain functions until `_kernels` compiles them. What numba would not make of plain
loops, work on sixteen numbers at a time, the `_write_…` functions write in LLVM's terms.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache, partial, reduce
from importlib import import_module
from inspect import Parameter, Signature
from threading import Lock
from types import FunctionType, SimpleNamespace
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from image_sequence.composing.drawing import FULL_SUM, Drawing
from image_sequence.composing.resampling import WEIGHT_SUM, resize_weights
from image_sequence.errors import LibraryError
from image_sequence.plan import FloatImages, Images

Numbers: TypeAlias = NDArray[np.int64]
Value: TypeAlias = Any  # llvmlite.ir.Value; neither llvmlite nor numba has types.

_LANES = 16  # Output columns of a tile: as many float32 as the widest registers hold.
_LINES = 4  # Rows of a tile: their sums fit into the registers of any processor.
_LONGEST_WINDOW = 96  # Most weights of longer ones are 0: going tap by tap takes less time.
_INK_SUM = (WEIGHT_SUM + 1) // 2  # From here on the nearest uint8 level is 1, and no longer 0.
_CACHED_WIDTH = 4_096  # Tiles of wider pictures are made anew: keeping them would take memory.
_CACHE_LINE = 64  # bytes


def draw(drawing: Drawing, out: Images) -> None:
    """Draw the pictures of grey glyphs into `out`: float32 or uint8, shape (batch, height, width).

    Raises:
        LibraryError: numba does not load.
    """
    if out.dtype == np.uint8:
        _draw(drawing, out, "byte", paper=np.uint8(drawing.paper))
    else:
        _draw(drawing, out, "float", paper=np.float32(0 if drawing.light else 1))


def draw_masks(drawing: Drawing, out: NDArray[np.bool_]) -> None:
    """Mark the pixels that would not be paper in a uint8 picture of each glyph alone at its place.

    Args:
        drawing: what to mark the grey glyphs of.
        out: shape (batch, n, height, width), zeros: only pixels near ink are written, and memory
            that comes from the system as zeros costs time only where somebody writes.

    Raises:
        LibraryError: numba does not load.
    """
    # A mask is the light picture of a sample with one glyph, and True from a certain sum on.
    _draw(drawing.alone(), out.view(np.uint8), "mask", paper=None)


def _draw(
    drawing: Drawing, out: NDArray[Any], kind: str, *, paper: np.float32 | np.uint8 | None
) -> None:
    kernels = _kernels(kind)
    task = _task(drawing)
    contiguous = np.ascontiguousarray(out)
    pixels = contiguous.reshape(-1)
    widths, numbers = np.unique(drawing.strip_widths, return_inverse=True)
    tiles = [_tiles_of(drawing, width) for width in widths.tolist()]
    tiled = np.array([of_width is not None for of_width in tiles], np.bool_)
    if tiled.any():
        samples = np.flatnonzero(tiled[numbers])
        stride = _stride(int(widths[tiled].max()), task.widths)
        strip = np.empty(task.glyph_height * stride, np.float32)
        kernels.draw_tiles(samples, strip, paper, pixels, *_tables(tiles, numbers), *task)
    for number in np.flatnonzero(~tiled).tolist():
        samples = np.flatnonzero(numbers == number)
        if widths[number] == drawing.width and not _is_small(drawing):
            kernels.copy(samples, paper, pixels, *task)
        else:
            weights = resize_weights(int(widths[number]), drawing.width, drawing.resample)
            kernels.gather(samples, weights.first, weights.weights, paper, pixels, *task)
    if contiguous is not out:
        out[...] = contiguous


class _Task(NamedTuple):
    """A drawing as kernels take it: `Drawing` says what the fields are."""

    levels: NDArray[Any]  # Of all glyphs, in one row.
    glyph_height: int
    glyph_width: int
    indices: Numbers
    starts: Numbers
    strip_widths: Numbers
    width: int
    height: int
    top: int
    light: bool
    widths: Numbers  # Of all glyphs, or none: then all are as wide as `glyph_width`.


def _task(drawing: Drawing) -> _Task:
    if not drawing.glyphs.flags.c_contiguous:
        # Only those that are drawn: there may be many, and in a file.
        drawing, _ = drawing.trimmed()
    glyphs: NDArray[Any] = drawing.glyphs
    return _Task(
        levels=_constant(glyphs).reshape(-1),
        glyph_height=glyphs.shape[1],
        glyph_width=glyphs.shape[2],
        indices=_constant(drawing.indices),
        starts=_constant(drawing.starts),
        strip_widths=_constant(drawing.strip_widths),
        width=drawing.width,
        height=drawing.height,
        top=drawing.top,
        light=drawing.light,
        widths=_ALL if drawing.widths is None else _constant(drawing.widths),
    )


def _constant(values: NDArray[Any]) -> NDArray[Any]:
    # Numba compiles anew for whatever may be written to, or is laid out differently.
    view = np.ascontiguousarray(values).view()
    view.flags.writeable = False
    return view


_ALL = _constant(np.empty(0, np.int64))


def _is_small(drawing: Drawing) -> bool:
    _, glyph_height, glyph_width = drawing.glyphs.shape
    return bool(min(drawing.width, glyph_width) < _LANES or glyph_height < _LINES)


@dataclass(frozen=True, slots=True, eq=False)
class _Tiles:
    """A resize as matrices. Tile t makes `_LANES` output columns, the last one the last columns.

    Attributes:
        windows: int64, shape (tiles,): the first strip column each tile depends on; ascending.
        matrices: float32, shape (tiles, window, _LANES): the weights of that column and those
            after it.
    """

    windows: Numbers
    matrices: FloatImages


def _tiles_of(drawing: Drawing, strip_width: int) -> _Tiles | None:
    """The tiles of strips of that width, or None where they are copied or go tap by tap."""
    if strip_width == drawing.width or _is_small(drawing):
        return None
    if drawing.width > _CACHED_WIDTH:
        return _tiles(strip_width, drawing.width, drawing.resample)
    return _cached_tiles(strip_width, drawing.width, drawing.resample)


def _tiles(source: int, target: int, resample: str) -> _Tiles | None:
    weights = resize_weights(source, target, resample)
    taps = weights.weights.shape[1]
    lefts = np.minimum(np.arange(0, target, _LANES), target - _LANES)
    columns = lefts[:, None] + np.arange(_LANES)
    windows = weights.first[lefts]
    offsets = weights.first[columns] - windows[:, None]
    window = int(offsets.max()) + taps
    if window > _LONGEST_WINDOW:
        return None
    matrices = np.zeros((len(lefts), window, _LANES), np.float32)
    tile, lane, tap = np.ogrid[: len(lefts), :_LANES, :taps]
    matrices[tile, offsets[:, :, None] + tap, lane] = weights.weights[columns]
    return _Tiles(windows, matrices)


_cached_tiles = lru_cache(maxsize=512)(_tiles)


class _Tables(NamedTuple):
    """The tiles of all strip widths in a batch.

    The matrices are told by their addresses, in bytes: they stay where they are, in the cache.
    Whoever calls a kernel holds on to them until it returns.
    """

    numbers: Numbers  # Of each sample: which row of the others is about its strip width.
    windows: Numbers
    window_widths: Numbers
    addresses: Numbers


def _tables(tiles: list[_Tiles | None], numbers: Numbers) -> _Tables:
    count = next(len(of_width.windows) for of_width in tiles if of_width is not None)
    windows = np.zeros((len(tiles), count), np.int64)
    window_widths, addresses = np.zeros((2, len(tiles)), np.int64)
    for number, of_width in enumerate(tiles):
        if of_width is not None:
            windows[number] = of_width.windows
            window_widths[number] = of_width.matrices.shape[1]
            addresses[number] = of_width.matrices.ctypes.data
    return _Tables(numbers, windows, window_widths, addresses)


# The kernels. They are handed named tuples field by field: called with the tuple itself, numba 0.59
# now and then runs the code it has compiled for others. Each gets its own of these four names.
_lay: Any = None
_multiply: Any = None
_prefetch: Any = None
_pixel: Any = None


def _draw_tiles(
    samples: Numbers, strip: FloatImages, paper: Any, pixels: NDArray[Any], *details: Any
) -> None:
    tables, task = _Tables(*details[:4]), _Task(*details[4:])
    boxes = np.empty((task.indices.shape[1], 4), np.int64)
    for i in range(len(samples)):
        coming = samples[min(i + 1, len(samples) - 1)]
        picture = _sheet(pixels, samples[i], task.height * task.width, paper)
        count = _lay_out(task, samples[i], coming, strip, boxes)
        if count:
            _resize(task, samples[i], tables, strip, boxes[:count], picture)


def _sheet(pixels: NDArray[Any], sample: int, area: int, paper: Any) -> NDArray[Any]:
    """A sample's part of all pixels, and paper all over."""
    picture = pixels[sample * area : (sample + 1) * area]
    if paper is not None:
        picture[:] = paper
    return picture


def _lay_out(task: _Task, sample: int, coming: int, strip: FloatImages, boxes: Numbers) -> int:
    """Make the strip, its levels negative where ink is dark.

    Args:
        task: the drawing.
        sample: the sample.
        coming: the one after it: its glyphs come from memory while this one is drawn.
        strip: float32, shape (glyph height * stride,), or longer.
        boxes: int64, shape (n, 4), will hold where the ink is. Left and right are columns of the
            strip; top and bottom rows of all glyphs so far; right and bottom are excluded.

    Returns:
        How many glyphs have ink: so many boxes there are.
    """
    height, width = task.glyph_height, task.glyph_width
    strip_width = task.strip_widths[sample]
    stride = _stride(strip_width, task.widths)
    sign = np.float32(1 if task.light else -1)
    if len(boxes) > 1:  # Nobody reads what is beside the ink of one alone.
        strip[: height * stride] = 0
    count, top, bottom = 0, height, 0
    for k in range(len(boxes)):
        index, following = task.indices[sample, k], task.indices[coming, k]
        if following >= 0:
            _prefetch(task.levels, following * height * width, height * width)
        if index >= 0:
            box = boxes[count]
            box[0], box[1], box[2], box[3] = strip_width, 0, top, bottom
            zero, start = np.float32(0), task.starts[sample, k]
            # The 0 behind a narrow glyph goes where the next one comes, or behind the strip.
            columns = max(_LANES, _width(task, index))
            _lay(task.levels, index, height, width, columns, zero, sign, strip, start, stride, box)
            count += box[0] < box[1]
            top, bottom = box[2], box[3]
    return count


def _resize(
    task: _Task,
    sample: int,
    tables: _Tables,
    strip: FloatImages,
    boxes: Numbers,
    picture: NDArray[Any],
) -> None:
    number, stride = tables.numbers[sample], _stride(task.strip_widths[sample], task.widths)
    window_width = tables.window_widths[number]
    base = np.float32(0 if task.light else FULL_SUM)
    top, bottom = boxes[-1, 2], boxes[-1, 3]
    first, last = 0, -1  # The glyphs whose ink is in the window.
    for tile in range(tables.windows.shape[1]):
        begin = tables.windows[number, tile]
        while first < len(boxes) and boxes[first, 1] <= begin:
            first += 1
        while last + 1 < len(boxes) and boxes[last + 1, 0] < begin + window_width:
            last += 1
        if first > last:
            continue
        left = max(begin, boxes[first, 0])
        right = min(begin + window_width, boxes[last, 1])
        row = tile * window_width + left - begin
        matrix = tables.addresses[number] + row * (_LANES * strip.itemsize)
        column = min(tile * _LANES, task.width - _LANES)
        for step in range(top, bottom, _LINES):
            line = min(step, task.glyph_height - _LINES)
            at, to = line * stride + left, (task.top + line) * task.width + column
            _multiply(strip, at, stride, matrix, right - left, base, picture, to, task.width)


def _copy(samples: Numbers, paper: Any, pixels: NDArray[Any], *details: Any) -> None:
    task = _Task(*details)
    levels, line = task.levels, task.width
    height, width = task.glyph_height, task.glyph_width
    base = np.float32(0 if task.light else FULL_SUM)
    factor = np.float32(WEIGHT_SUM if task.light else -WEIGHT_SUM)
    for sample in samples:
        picture = _sheet(pixels, sample, task.height * line, paper)
        for k in range(task.indices.shape[1]):
            index = task.indices[sample, k]
            if index < 0:
                continue
            columns, to = _width(task, index), task.top * line + task.starts[sample, k]
            if columns < _LANES:
                _copy_narrow(task, index, columns, picture[to:])
            else:
                _lay(levels, index, height, width, columns, base, factor, picture, to, line, None)


def _copy_narrow(task: _Task, index: int, columns: int, target: NDArray[Any]) -> None:
    for line in range(task.glyph_height):
        levels = task.levels[(index * task.glyph_height + line) * task.glyph_width :]
        for column in range(columns):
            ink = WEIGHT_SUM * levels[column]
            target[line * task.width + column] = _pixel(ink if task.light else FULL_SUM - ink)


def _width(task: _Task, index: int) -> int:
    return task.widths[index] if len(task.widths) else task.glyph_width


def _stride(strip_width: int, widths: Numbers) -> int:
    """From line to line of a strip: with room for the lanes that narrow glyphs leave empty."""
    return strip_width + _LANES if len(widths) else strip_width


def _gather(
    samples: Numbers,
    first: Numbers,
    weights: NDArray[np.int32],
    paper: Any,
    pixels: NDArray[Any],
    *details: Any,
) -> None:
    """Any resize: tap by tap."""
    task = _Task(*details)
    sums = np.empty((task.glyph_height, task.width), np.int64)
    for sample in samples:
        picture = _sheet(pixels, sample, task.height * task.width, paper)
        sums[:] = 0
        for k in range(task.indices.shape[1]):
            if task.indices[sample, k] >= 0:
                _add_up(task, sample, k, first, weights, sums)
        for line in range(task.glyph_height):
            row = picture[(task.top + line) * task.width :]
            for column in range(task.width):
                ink = sums[line, column]
                row[column] = _pixel(ink if task.light else FULL_SUM - ink)


def _add_up(
    task: _Task,
    sample: int,
    k: int,
    first: Numbers,
    weights: NDArray[np.int32],
    sums: Numbers,
) -> None:
    start = task.starts[sample, k]
    top = task.indices[sample, k] * task.glyph_height
    for column in range(task.width):
        left = max(first[column], start)
        right = min(first[column] + weights.shape[1], start + task.glyph_width)
        taps = weights[column, left - first[column] :]
        for line in range(task.glyph_height if left < right else 0):
            levels = task.levels[(top + line) * task.glyph_width + left - start :]
            total = 0
            for tap in range(right - left):
                total += taps[tap] * levels[tap]
            sums[line, column] += total


def _float_pixel(total: int) -> np.float32:
    return np.float32(min(max(total, 0), FULL_SUM)) / np.float32(FULL_SUM)


def _byte_pixel(total: int) -> np.uint8:
    return np.uint8((min(max(total, 0), FULL_SUM) + WEIGHT_SUM // 2) // WEIGHT_SUM)


def _mask_pixel(total: int) -> np.uint8:
    return np.uint8(total >= _INK_SUM)


# The compiler. What the next functions are about is LLVM's: values that will be there, not numbers.


class _Code:
    """The code of an intrinsic in the making. Sixteen numbers side by side are lanes.

    Attributes:
        builder: appends instructions.
        arguments: the values that it is called with; of an array, where its items are.
        types: what numba calls them.
    """

    def __init__(self, context: Any, builder: Any, signature: Any, arguments: Any) -> None:
        self.ir = _library("llvmlite.ir")
        self.builder = builder
        self.types = signature.args
        self.arguments = [
            context.make_array(kind)(context, builder, value).data
            if hasattr(kind, "dtype")
            else value
            for kind, value in zip(signature.args, arguments, strict=True)
        ]
        self.bool, self.byte = self.ir.IntType(1), self.ir.IntType(8)
        self.integer, self.size = self.ir.IntType(32), self.ir.IntType(64)
        self.float32 = self.ir.FloatType()

    def sum(self, *values: Value) -> Value:
        return reduce(self.builder.add, values)

    def product(self, *values: Value) -> Value:
        return reduce(self.builder.mul, values)

    def repeat(self, count: Value) -> Any:
        """A context whose instructions run so many times; what it gives has their `index`."""
        return _library("numba.core.cgutils").for_range(self.builder, count)

    def variable(self, value: Value) -> Value:
        """Where a value is that will be replaced."""
        return _library("numba.core.cgutils").alloca_once_value(self.builder, value)

    def lanes_of(self, item: Any) -> Any:
        """The type."""
        return self.ir.VectorType(item, _LANES)

    def all(self, item: Any, number: float) -> Value:
        """Lanes of one number that is known now."""
        return self.ir.Constant(self.lanes_of(item), [number] * _LANES)

    def splat(self, value: Value) -> Value:
        """Lanes of one value."""
        none = self.ir.Constant(self.lanes_of(value.type), self.ir.Undefined)
        first = self.builder.insert_element(none, value, self.integer(0))
        return self.builder.shuffle_vector(first, none, self.all(self.integer, 0))

    def load(self, items: Value, offset: Value, item: Any) -> Value:
        """Lanes of an array."""
        place = self.builder.gep(items, [offset])
        lanes = self.builder.bitcast(place, self.lanes_of(item).as_pointer())
        return self.builder.load(lanes, align=1)

    def store(self, lanes: Value, items: Value, offset: Value) -> None:
        place = self.builder.gep(items, [offset])
        self.builder.store(lanes, self.builder.bitcast(place, lanes.type.as_pointer()), align=1)

    def has_ink(self, lanes: Value) -> Value:
        """Whether any lane is not 0."""
        whole = self.ir.IntType(_LANES * lanes.type.element.width)
        return self.builder.icmp_unsigned("!=", self.builder.bitcast(lanes, whole), whole(0))

    def minimum(self, value: Value, other: Value) -> Value:
        return self.builder.select(self.builder.icmp_signed("<", value, other), value, other)

    def maximum(self, value: Value, other: Value) -> Value:
        return self.builder.select(self.builder.icmp_signed(">", value, other), value, other)


Pixels: TypeAlias = Callable[[_Code, Value], Value]


def _levels(_code: _Code, sums: Value) -> Value:
    return sums


def _float_pixels(code: _Code, sums: Value) -> Value:
    return code.builder.fdiv(_clipped(code, sums), code.all(code.float32, FULL_SUM))


def _byte_pixels(code: _Code, sums: Value) -> Value:
    # Adding a half and cutting off rounds: no sum is so near to the middle between two levels that
    # float32 would put it on the other side.
    share = code.all(code.float32, float(np.float32(1 / WEIGHT_SUM)))
    levels = code.builder.fmul(_clipped(code, sums), share)
    more = code.builder.fadd(levels, code.all(code.float32, 0.5))
    whole = code.builder.fptosi(more, code.lanes_of(code.integer))
    return code.builder.trunc(whole, code.lanes_of(code.byte))


def _mask_pixels(code: _Code, sums: Value) -> Value:
    is_ink = code.builder.fcmp_ordered(">=", sums, code.all(code.float32, _INK_SUM))
    return code.builder.zext(is_ink, code.lanes_of(code.byte))


def _clipped(code: _Code, sums: Value) -> Value:
    zero, full = code.all(code.float32, 0), code.all(code.float32, FULL_SUM)
    raised = code.builder.select(code.builder.fcmp_ordered(">", sums, zero), sums, zero)
    return code.builder.select(code.builder.fcmp_ordered("<", raised, full), raised, full)


def _write_multiply(code: _Code, pixels: Pixels) -> None:
    """A tile: lines of a window times the rows of a matrix, made pixels.

    The arguments: where the window is in a strip as wide as `stride`; where the matrix is, in
    bytes; how many rows it has; what to add; where the tile is in a picture of that width.
    """
    builder = code.builder
    strip, at, stride, matrix, count, base, picture, to, width = code.arguments
    rows = builder.inttoptr(matrix, code.lanes_of(code.float32).as_pointer())
    numbers = [code.size(number) for number in range(_LINES)]
    lines = [builder.gep(strip, [code.sum(at, code.product(stride, n))]) for n in numbers]
    sums = [code.variable(code.splat(base)) for _ in lines]
    with code.repeat(count) as loop:
        weights = builder.load(builder.gep(rows, [loop.index]), align=4)
        for line, total in zip(lines, sums, strict=True):
            level = code.splat(builder.load(builder.gep(line, [loop.index])))
            # "contract" lets one instruction do both.
            weighted = builder.fmul(level, weights, flags=["contract"])
            builder.store(builder.fadd(builder.load(total), weighted, flags=["contract"]), total)
    for n, total in zip(numbers, sums, strict=True):
        line = code.sum(to, code.product(width, n))
        code.store(pixels(code, builder.load(total)), picture, line)


def _write_lay(code: _Code, pixels: Pixels) -> None:
    """A glyph: `base + factor * level`, made pixels. The box, if there is one, widens to its ink.

    The arguments: all glyphs, which one, their size; how many columns of it, as many as there are
    lanes or more; base and factor; where it goes in a target of lines of `stride`.
    """
    builder, box = code.builder, code.arguments[10]
    levels, index, height, width, columns, base, factor, target, to, stride = code.arguments[:10]
    kind = code.types[0].dtype
    item, lanes = code.ir.IntType(kind.bitwidth), code.lanes_of(code.float32)
    base, factor = code.splat(base), code.splat(factor)
    lane_count = code.size(_LANES)
    steps = builder.udiv(code.sum(columns, code.size(_LANES - 1)), lane_count)
    with code.repeat(steps) as step:
        # The last step does some columns again: so each has as many as there are lanes.
        column = code.minimum(
            code.product(step.index, lane_count), builder.sub(columns, lane_count)
        )
        ink = _Ink(code, item) if hasattr(code.types[10], "dtype") else None
        with code.repeat(height) as line:
            at = code.sum(
                code.product(code.sum(code.product(index, height), line.index), width), column
            )
            ints = code.load(levels, at, item)
            floats = (builder.sitofp if kind.signed else builder.uitofp)(ints, lanes)
            sums = builder.fadd(builder.fmul(floats, factor), base)
            goes = code.sum(to, column, code.product(line.index, stride))
            code.store(pixels(code, sums), target, goes)
            if ink:
                ink.see(line.index, ints)
        if ink:
            ink.widen(box, code.sum(to, column))


class _Ink:
    """Which lanes had ink, and in which lines."""

    def __init__(self, code: _Code, item: Any) -> None:
        self._code = code
        self._lanes = code.variable(code.all(item, 0))
        self._top, self._bottom = (code.variable(code.size(0)) for _ in range(2))

    def see(self, line: Value, lanes: Value) -> None:
        code, builder = self._code, self._code.builder
        builder.store(builder.or_(lanes, builder.load(self._lanes)), self._lanes)
        top, bottom = builder.load(self._top), builder.load(self._bottom)
        has_ink = code.has_ink(lanes)
        is_first = builder.and_(has_ink, builder.icmp_signed("==", bottom, code.size(0)))
        builder.store(builder.select(is_first, line, top), self._top)
        builder.store(builder.select(has_ink, code.sum(line, code.size(1)), bottom), self._bottom)

    def widen(self, box: Value, start: Value) -> None:
        """Have the box hold it, where the first lane is column `start`."""
        code, builder = self._code, self._code.builder
        lanes = builder.load(self._lanes)
        with builder.if_then(code.has_ink(lanes)):
            marks = builder.icmp_unsigned("!=", lanes, code.ir.Constant(lanes.type, None))
            bits = builder.zext(builder.bitcast(marks, code.ir.IntType(_LANES)), code.size)
            before, behind = (count(bits, code.bool(1)) for count in (builder.cttz, builder.ctlz))
            edges = (
                (code.minimum, code.sum(start, before)),
                (code.maximum, builder.sub(code.sum(start, code.size(64)), behind)),
                (code.minimum, builder.load(self._top)),
                (code.maximum, builder.load(self._bottom)),
            )
            for number, (choose, edge) in enumerate(edges):
                place = builder.gep(box, [code.size(number)])
                builder.store(choose(edge, builder.load(place)), place)


def _write_prefetch(code: _Code) -> None:
    """Levels that will be needed soon. The arguments: all levels, the first one, how many."""
    builder, ir = code.builder, code.ir
    levels, at, count = code.arguments
    place = code.byte.as_pointer()
    takes = ir.FunctionType(ir.VoidType(), [place, code.integer, code.integer, code.integer])
    prefetch = builder.module.declare_intrinsic("llvm.prefetch", [place], takes)
    start = builder.bitcast(builder.gep(levels, [at]), place)
    size = code.product(count, code.size(code.types[0].dtype.bitwidth // 8))
    with code.repeat(builder.udiv(size, code.size(_CACHE_LINE))) as loop:
        line = builder.gep(start, [code.product(loop.index, code.size(_CACHE_LINE))])
        read, keep, data = code.integer(0), code.integer(3), code.integer(1)
        builder.call(prefetch, [line, read, keep, data])


def _intrinsic(write: Callable[[_Code], None], *, takes: int) -> Any:
    """A function of so many arguments that kernels can call."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        write(_Code(context, builder, signature, arguments))
        return context.get_dummy_value()

    def typed(_context: Any, *kinds: Any) -> Any:
        return _library("numba").types.void(*kinds), generate

    names = [Parameter(f"argument_{n}", Parameter.POSITIONAL_ONLY) for n in range(takes + 1)]
    typed.__signature__ = Signature(names)  # type: ignore[attr-defined]  # numba counts them there
    return _library("numba.extending").intrinsic(typed)


_PIXELS: dict[str, tuple[Pixels, Callable[[int], Any]]] = {
    "float": (_float_pixels, _float_pixel),
    "byte": (_byte_pixels, _byte_pixel),
    "mask": (_mask_pixels, _mask_pixel),
}
_LOCK = Lock()


def _kernels(kind: str) -> SimpleNamespace:
    """What makes "float", "byte" or "mask" pixels; a kernel is compiled when it is first called."""
    with _LOCK:
        return _made_kernels(kind)


@cache
def _made_kernels(kind: str) -> SimpleNamespace:
    pixels, pixel = _PIXELS[kind]
    lay_levels = _intrinsic(partial(_write_lay, pixels=_levels), takes=11)
    lay_pixels = _intrinsic(partial(_write_lay, pixels=pixels), takes=11)
    multiply = _intrinsic(partial(_write_multiply, pixels=pixels), takes=9)
    prefetch = _intrinsic(_write_prefetch, takes=3)
    compiled_pixel = _library("numba").njit(pixel)
    return SimpleNamespace(
        copy=_jitted(_copy, _sheet, _copy_narrow, _width, _lay=lay_pixels, _pixel=compiled_pixel),
        draw_tiles=_jitted(
            *(_draw_tiles, _sheet, _lay_out, _resize, _width, _stride),
            _lay=lay_levels,
            _multiply=multiply,
            _prefetch=prefetch,
        ),
        gather=_jitted(_gather, _sheet, _add_up, _pixel=compiled_pixel),
    )


def _jitted(*functions: Callable[..., Any], **names: object) -> Any:
    """The first of some functions, compiled together with the others and with names of its own."""
    jit = _library("numba").njit(nogil=True, error_model="numpy", forceinline=True)
    scope = {**globals(), **names}
    for function in functions:
        own = FunctionType(function.__code__, scope, function.__name__)
        scope[function.__name__] = jit(own)
    return scope[functions[0].__name__]


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise LibraryError(
            f'the renderer "numba" needs numba, which does not load: {error}; '
            'pip install "image-sequence[fast]"'
        ) from error
