"""An `Evaluation` as a terminal shows it."""

from collections.abc import Iterable, Mapping, Sequence

from image_sequence.inspecting.breakdowns import Group, SampleGroup
from image_sequence.inspecting.evaluation import Evaluation
from image_sequence.inspecting.intervals import CONFIDENCE, Rate

TITLES: Mapping[str, str] = {
    "label": "label",
    "position_from_left": "position from the left",
    "position_from_right": "position from the right",
    "gap": "gap to the nearer neighbour, pixels as drawn",
    "repeat": "neighbours",
    "slant": "slant of the source glyph, to the right",
    "writer": "writer",
}
"""What the groups of `Evaluation.by` are called."""

MOST_GROUPS = 24
"""More groups than that are shown in part, the worst of them."""

_MOST_CONFUSIONS = 10
_HEADER = ("labels", "misread", "left out", "rate", f"{CONFIDENCE:.0%} interval")


def described(evaluation: Evaluation, name: str) -> str:
    """The figures, in tables."""
    parts = [f"{name}: {headline(evaluation)}", _summary(evaluation)]
    confusions = frequent_confusions(evaluation)[:_MOST_CONFUSIONS]
    if confusions:
        rows = [(spelt(label), spelt(read), f"{count:,}") for label, read, count in confusions]
        parts.append(_table(("label", "read as", "times"), rows))
    parts.append(
        _table(("length", "pictures", "exact", *_HEADER[-2:]), _lengths(evaluation.by_length))
    )
    for kind, groups in evaluation.by.items():
        if groups:
            shown, hidden = worst_groups(groups)
            rest = f"\nand {hidden:,} more" if hidden else ""
            parts.append(_table((TITLES[kind], *_HEADER), map(_cells, shown)) + rest)
    return "\n\n".join(parts)


def headline(evaluation: Evaluation) -> str:
    """How many pictures and labels there are."""
    truths = evaluation.truths
    unread = f"; {truths.unread:,} more have no prediction" if truths.unread else ""
    return (
        f"{len(truths.predictions):,} pictures with {truths.labels.values.size:,} "
        f"{evaluation.unit}s{unread}"
    )


def rates(evaluation: Evaluation) -> list[tuple[str, Rate]]:
    """The figures that count most, by what they are called."""
    mistakes = evaluation.mistakes
    return [
        ("pictures read exactly", evaluation.exact),
        (f"{evaluation.unit} error rate", mistakes["all"]),
        ("read as another", mistakes["substitutions"]),
        ("left out", mistakes["deletions"]),
        ("not there", mistakes["insertions"]),
    ]


def frequent_confusions(evaluation: Evaluation) -> list[tuple[str, str, int]]:
    """Labels, what they were read as and how often, the most frequent first; "" for nothing."""
    pairs = [
        (label, read, count)
        for label, row in evaluation.confusion.items()
        for read, count in row.items()
        if label != read
    ]
    return sorted(pairs, key=lambda pair: -pair[2])


def worst_groups(groups: Sequence[Group], most: int = MOST_GROUPS) -> tuple[Sequence[Group], int]:
    """All groups in order if they are few; else the surest to be bad, and how many others."""
    if len(groups) <= most:
        return groups, 0
    return sorted(groups, key=lambda group: -group.low)[:most], len(groups) - most


def spelt(unit: str, none: str = "nothing") -> str:
    """A unit as one can see it: spaces and control characters as Python writes them.

    >>> spelt("7"), spelt(""), spelt(" ")
    ('7', 'nothing', "' '")
    """
    if not unit:
        return none
    return unit if unit.isprintable() and unit.strip() else repr(unit)


def _summary(evaluation: Evaluation) -> str:
    rows = [
        (name, f"{rate.count:,}", f"{rate.total:,}", *_ends(rate))
        for name, rate in rates(evaluation)
    ]
    return _table(("", "count", "of", *_HEADER[-2:]), rows)


def _lengths(groups: Sequence[SampleGroup]) -> list[tuple[str, ...]]:
    return [
        (one.name, f"{one.exact.total:,}", f"{one.exact.count:,}", *_ends(one.exact))
        for one in groups
    ]


def _cells(group: Group) -> tuple[str, ...]:
    counts = (group.labels, group.substitutions, group.deletions)
    return (group.name, *(f"{count:,}" for count in counts), f"{group.value:.2%}", _interval(group))


def _ends(rate: Rate) -> tuple[str, str]:
    return ("-" if rate.value is None else f"{rate.value:.2%}"), _interval(rate)


def _interval(ends: Group | Rate) -> str:
    return f"{ends.low:.2%} to {ends.high:.2%}"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns below each other: the first to the left, others to the right."""
    lines = [tuple(header), *map(tuple, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )
