"""What policies read from JSON, checked, with errors that say what would work."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from image_sequence.errors import ArgumentTypeError, ArgumentValueError, shown
from image_sequence.whole_numbers import is_whole_number

_NEAR = 0.6  # How alike names are, from 0 to 1, where one may be meant by the other.


def check_keys(
    settings: Mapping[str, Any], name: str, known: Sequence[str], needed: Sequence[str] = ()
) -> None:
    """Check that settings have the keys they need, and no unknown ones.

    Args:
        settings: what is checked.
        name: what errors call it, such as "the policy 'digits'".
        known: all keys there are.
        needed: those that must be there.

    Raises:
        ArgumentValueError: a key is unknown or missing.
    """
    for key in settings:
        if key not in known:
            raise ArgumentValueError(
                f"{name} has no key {shown(key)}; it has {', '.join(known)}{hint(key, known)}"
            )
    for key in needed:
        if key not in settings:
            raise ArgumentValueError(f"{name} needs the key {key!r}")


def hint(name: object, known: Sequence[str]) -> str:
    """What may be meant by an unknown name, for the end of an error; "" if nothing is near."""
    near = get_close_matches(str(name), known, 1, _NEAR)
    return f"; did you mean {near[0]!r}?" if near else ""


def texts_of(value: object, name: str) -> tuple[str, ...]:
    """A list of texts, none of them empty, as a tuple.

    Raises:
        ArgumentTypeError: something else.
        ArgumentValueError: an empty list or text.
    """
    if not isinstance(value, (list, tuple)):
        raise ArgumentTypeError(
            f'{name} is a list of texts such as ["12", "7"], not {shown(value)}'
        )
    if not value:
        raise ArgumentValueError(f"{name} is empty; it holds one text or more")
    for number, text in enumerate(value):
        if not isinstance(text, str):
            raise ArgumentTypeError(
                f"{name} holds texts such as '12', {name}[{number}] is {shown(text)}"
            )
        if not text:
            raise ArgumentValueError(f"{name}[{number}] is empty; a text has one character or more")
    return tuple(value)


def labels_of(value: object) -> tuple[str, ...]:
    """The texts of the labels that are drawn, from the key "of", each once.

    Raises:
        ArgumentTypeError, ArgumentValueError: as `texts_of`; or a text stands there twice.
    """
    texts = texts_of(value, "of")
    if len(set(texts)) < len(texts):
        twice = next(text for text in texts if texts.count(text) > 1)
        raise ArgumentValueError(f"of names {shown(twice)} twice; naming it once will do")
    return texts


def whole_number(value: object, name: str, least: int, most: int) -> int:
    """A whole number from `least` to `most`, as a Python int.

    Raises:
        ArgumentTypeError: something else.
        ArgumentValueError: beyond the limits.
    """
    if not is_whole_number(value):
        raise ArgumentTypeError(f"{name} is a whole number such as {least}, not {shown(value)}")
    if not least <= value <= most:
        raise ArgumentValueError(f"{name} lies from {least} to {most}, {shown(value)} does not")
    return int(value)


def whole_pair(value: object, name: str, least: int, most: int) -> tuple[int, int]:
    """A pair of whole numbers, the smaller one first, both from `least` to `most`.

    Raises:
        ArgumentTypeError: something else.
        ArgumentValueError: beyond the limits, or the larger one first.
    """
    ends = value if isinstance(value, (list, tuple)) else ()
    if len(ends) != 2 or not all(map(is_whole_number, ends)):
        raise ArgumentTypeError(
            f"{name} is a pair of whole numbers such as [{least}, {most}], not {shown(value)}"
        )
    low, high = (whole_number(end, name, least, most) for end in ends)
    if low > high:
        raise ArgumentValueError(
            f"{name} goes from {low} down to {high}; the smaller number comes first"
        )
    return low, high


def flag(value: object, name: str) -> bool:
    """A boolean.

    Raises:
        ArgumentTypeError: something else.
    """
    if not isinstance(value, bool):
        raise ArgumentTypeError(f"{name} is true or false, not {shown(value)}")
    return value


def one_of(value: object, name: str, known: Sequence[str]) -> str:
    """One of the names there are.

    Raises:
        ArgumentTypeError: not a text.
        ArgumentValueError: another name.
    """
    listed = " or ".join(map(repr, known))
    if not isinstance(value, str):
        raise ArgumentTypeError(f"{name} is {listed}, not {shown(value)}")
    if value not in known:
        raise ArgumentValueError(f"{name} is {listed}, not {shown(value)}{hint(value, known)}")
    return value
