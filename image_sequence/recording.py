"""Records: the truth about samples in plain JSON values, one at a time or many lines at once."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from image_sequence.origin import Source
from image_sequence.plan import ABSENT

SCHEMA = "image-sequence/sample/1"
"""The name of the form that records have; `docs/sample.schema.json` describes it."""

_MARK = "\0"
_WRITTEN_MARK = "\\u0000"
_HEXADECIMAL_MARK = "<digest>"  # In quotes, which stay.
_MOST_KNOWN = 100_000  # Numbers whose text is remembered: 20 MB.


def record_of(
    *,
    labels: Sequence[int] | Sequence[str],
    size: tuple[int, ...],
    boxes: Any,
    ink_boxes: Any,
    gaps: Any,
    fitted_gaps: Any,
    source: Source,
    glyph_indices: Any,
    glyph_digests: Sequence[str],
    writers: list[Any],
    seed: int,
    index: Any,
) -> dict[str, Any]:
    """What is known of every sample, from plain values named as in `Sample`; -1 for nothing."""
    return {
        "schema": SCHEMA,
        "text": "".join(map(str, labels)),
        "labels": list(labels),
        "width": size[1],
        "height": size[0],
        "boxes": boxes,
        "ink_boxes": [None if box[0] == ABSENT else box for box in ink_boxes],
        "gaps": gaps,
        "fitted_gaps": fitted_gaps,
        "source": {
            "name": source.name,
            "split": source.split,
            "part": source.part,
            "split_by": list(source.split_by),
        },
        "glyph_indices": glyph_indices,
        "glyph_digests": list(glyph_digests),
        "writers": [None if writer == ABSENT else writer for writer in writers],
        "writer": common_writer(writers),
        "seed": seed,
        "index": index,
    }


def common_writer(writers: list[Any]) -> Any:
    """Who wrote all of the glyphs; None if it was not one, or nobody knows."""
    first = writers[0]
    return first if first != ABSENT and writers.count(first) == len(writers) else None


def lines_of_records(
    label_count: int,
    columns: Iterable[Iterable[Sequence[Any]]],
    *,
    size: tuple[int, ...],
    source: Source,
    seed: int,
) -> Iterator[str]:
    """Records of samples without known writers, and with ink in every glyph, as lines of JSON.

    All but the numbers is written once; a number's text is remembered, since few differ: strips
    have whole numbers of pixels. That takes a third of the time of a dict for each sample.

    Args:
        label_count: n, how many labels each of the samples has.
        columns: for each sample in order its labels, the 4 n numbers of its boxes, those of its ink
            boxes, n + 1 gaps, n + 1 fitted gaps, n glyph indices, n digests, and its index.
        size: the pictures' shape.
        source: where glyphs come from.
        seed: the samples' seed.
    """
    template = _template(label_count, size, source, seed)
    if len(_KNOWN) > _MOST_KNOWN:
        _KNOWN.clear()
    text_of = _KNOWN.__getitem__
    for labels, boxes, ink_boxes, gaps, fitted_gaps, glyph_indices, digests, index in zip(
        *columns, strict=True
    ):
        are_texts = isinstance(labels[0], str)
        yield template % (
            _quoted("".join(labels)) if are_texts else f'"{"".join(map(str, labels))}"',
            *(map(_quoted, labels) if are_texts else labels),
            *map(text_of, boxes),
            *map(text_of, ink_boxes),
            *gaps,
            *map(text_of, fitted_gaps),
            *glyph_indices,
            *digests,
            index,
        )


class _Texts(dict[float, str]):
    """The texts of numbers, each made once."""

    def __missing__(self, number: float) -> str:
        text = self[number] = float.__repr__(number)
        return text


_KNOWN = _Texts()


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _template(label_count: int, size: tuple[int, ...], source: Source, seed: int) -> str:
    """A record of so many labels with "%s" in place of whatever differs between samples."""
    marks = [_MARK] * label_count
    gaps = [*marks, _MARK]
    record = record_of(
        labels=marks,
        size=size,
        boxes=[[_MARK] * 4] * label_count,
        ink_boxes=[[_MARK] * 4] * label_count,
        gaps=gaps,
        fitted_gaps=gaps,
        source=source,
        glyph_indices=marks,
        glyph_digests=[_HEXADECIMAL_MARK] * label_count,
        writers=[ABSENT] * label_count,
        seed=seed,
        index=_MARK,
    )
    record["text"] = _MARK
    written = json.dumps(record, ensure_ascii=False).replace("%", "%%")
    return written.replace(f'"{_WRITTEN_MARK}"', "%s").replace(_HEXADECIMAL_MARK, "%s")
