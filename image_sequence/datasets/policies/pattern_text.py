"""Patterns as people write them, read into a tree; errors tell where."""

from typing import NoReturn

from image_sequence.datasets.policies.kinds import LONGEST
from image_sequence.datasets.policies.pattern_nodes import Either, Node, OneOf, Repeated, Row
from image_sequence.errors import ArgumentValueError, shown

MOST_CHOICES = 2 * LONGEST
"""How many numbers a pattern may need for one text."""

_DEEPEST = 20
_SPECIAL = frozenset("\\[](){}|?*+.^$")
_DIGITS = "0123456789"
_COUNT_DIGITS = 9


def read_pattern(text: str) -> tuple[Node, tuple[str, ...]]:
    r"""The tree of a pattern, and the characters that its places mean.

    Raises:
        ArgumentValueError: it is no pattern, or may become too long, or nothing at all.

    >>> read_pattern(r"a{1,2}")
    (Repeated(node=OneOf(places=(0,)), least=1, most=2), ('a',))
    """
    reader = _Reader(text)
    node = reader.whole()
    return node, tuple(reader.places)


class _Reader:
    """Goes through a pattern once, from left to right.

    Attributes:
        text: the pattern.
        at: how much of it is read.
        places: the characters met so far, and their numbers.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.places: dict[str, int] = {}

    def whole(self) -> Node:
        if not self.text:
            raise ArgumentValueError("the pattern is empty; \\d{5} makes five digits")
        node = self._either(0)
        if self.at < len(self.text):
            self._fail("closes no group; \\) is the character itself")
        self._check_size(node, 0)
        if node.lengths & 1:
            raise ArgumentValueError(
                f"the pattern {shown(self.text)} may become an empty text, but a picture shows one "
                f"label or more; let something stand there always"
            )
        return node

    @property
    def _next(self) -> str:
        return self.text[self.at : self.at + 1]

    def _either(self, depth: int) -> Node:
        alternatives = [self._row(depth)]
        while self._next == "|":
            self.at += 1
            alternatives.append(self._row(depth))
        return alternatives[0] if len(alternatives) == 1 else Either(tuple(alternatives))

    def _row(self, depth: int) -> Node:
        parts: list[Node] = []
        while self._next not in ("", "|", ")"):
            parts.append(self._counted(depth))
        if not parts:
            self._fail("has nothing before it; ? after a part says that it may be missing")
        return parts[0] if len(parts) == 1 else Row(tuple(parts))

    def _counted(self, depth: int) -> Node:
        start = self.at
        node = self._one(depth)
        if self._next and self._next in "?{":
            least, most = self._count()
            node = Repeated(node, least, most) if (least, most) != (1, 1) else node
            self._check_size(node, start)
            if self._next and self._next in "?{":
                self._fail("is a second count; a group in ( ) may have another one")
        if self._next and self._next in "*+":
            self._fail("has no upper end; use {m,n}, such as {0,5} or {1,5}")
        return node

    def _one(self, depth: int) -> Node:
        character = self._next
        if character == "(":
            return self._group(depth)
        if character == "[":
            return self._class()
        if character == "\\":
            return self._of(self._escaped())
        if character in "?{*+":
            self._fail(f"has nothing before it to repeat; \\{character} is the character itself")
        if character in _SPECIAL:
            self._fail(f"is no pattern; \\{character} is the character itself")
        self.at += 1
        return self._of(character)

    def _group(self, depth: int) -> Node:
        start = self.at
        if depth == _DEEPEST:
            self._fail(f"is inside {_DEEPEST} groups; {_DEEPEST} groups in each other are the most")
        self.at += 1
        node = self._either(depth + 1)
        if self._next != ")":
            self._fail("opens a group that no ) closes", start)
        self.at += 1
        return node

    def _class(self) -> Node:
        start = self.at
        self.at += 1
        if self._next == "^":
            self._fail("asks for all other characters; name those you want, or write \\^")
        characters = ""
        while self._next != "]":
            first = self._class_part(start)
            dash = self.text[self.at : self.at + 2]
            # A dash at the end stands for itself.
            if dash[:1] == "-" and dash[1:] not in ("", "]"):
                characters += self._range(first, start)
            else:
                characters += first
        if not characters:
            self._fail("opens an empty class; name a character", start)
        self.at += 1
        return self._of(characters)

    def _class_part(self, start: int) -> str:
        if not self._next:
            self._fail("opens a class that no ] closes", start)
        if self._next == "[":
            self._fail("is inside a class; \\[ is the character itself")
        if self._next == "\\":
            return self._escaped()
        self.at += 1
        return self.text[self.at - 1]

    def _range(self, first: str, start: int) -> str:
        dash = self.at
        self.at += 1
        last = self._class_part(start)
        if len(first) > 1 or len(last) > 1:
            self._fail("is a range with \\d at an end; \\- is the character itself", dash)
        if first > last:
            self._fail(f"goes from {first!r} down to {last!r}; the smaller one comes first", dash)
        return "".join(map(chr, range(ord(first), ord(last) + 1)))

    def _escaped(self) -> str:
        """The characters that a backslash and the next character mean."""
        escaped = self.text[self.at + 1 : self.at + 2]
        if escaped == "d":
            self.at += 2
            return _DIGITS
        if escaped == "" or escaped.isalnum():
            self._fail(
                f"begins \\{escaped}, which means nothing; there are \\d for a digit, and \\ "
                f"before a special character"
            )
        self.at += 2
        return escaped

    def _count(self) -> tuple[int, int]:
        start = self.at
        self.at += 1
        if self.text[start] == "?":
            return 0, 1
        inner, closed, _ = self.text[self.at :].partition("}")
        least, comma, most = inner.partition(",")
        ends = (least, most) if comma else (least, least)
        if not closed or not all(end and not set(end) - set(_DIGITS) for end in ends):
            self._fail("begins no count; a count is {n} or {m,n}, such as {3} or {0,5}", start)
        if max(map(len, ends)) > _COUNT_DIGITS:
            self._fail(f"begins a count above {LONGEST}", start)
        low, high = map(int, ends)
        if low > high:
            self._fail(f"counts from {low} down to {high}; the smaller one comes first", start)
        if high == 0:
            self._fail("counts to 0, so nothing would stand there; leave the part out", start)
        self.at += len(inner) + 1
        return low, high

    def _of(self, characters: str) -> OneOf:
        known = self.places
        return OneOf(tuple(known.setdefault(one, len(known)) for one in dict.fromkeys(characters)))

    def _check_size(self, node: Node, start: int) -> None:
        """Check a part before anything of its size is made."""
        if node.longest > LONGEST:
            self._fail(f"begins what may have {node.longest} labels; at most {LONGEST} work", start)
        if node.choice_count > MOST_CHOICES:
            self._fail(
                f"begins what takes {node.choice_count} random numbers; at most {MOST_CHOICES} "
                f"work",
                start,
            )

    def _fail(self, reason: str, at: int | None = None) -> NoReturn:
        place = self.at if at is None else at
        what = f"{self.text[place]!r} at character {place + 1}" if self.text[place:] else "the end"
        raise ArgumentValueError(f"in the pattern {shown(self.text)} {what} {reason}")
