"""What a configuration says about the glyphs: which, which part of them, and by whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from image_sequence.errors import ArgumentTypeError, ArgumentValueError, shown
from image_sequence.glyphs.finding import as_source, described_source
from image_sequence.glyphs.hands import checked_hand
from image_sequence.glyphs.sources import GlyphSource
from image_sequence.glyphs.splitting import Split

_SPLIT_KEYS = ("split", "split_by", "fractions")


@dataclass(frozen=True, slots=True)
class Data:
    """The section "data" of a configuration, as it stands there.

    Attributes:
        path: a path or a name, as for `described_source`; None for the digits that come with the
            package.
        kind: one of `finding.KINDS`, or None.
        settings: what else that kind of source takes.
        split_settings: "split", "split_by" and "fractions", those that are given.
        hand: "mixed" or "single".

    Raises:
        ArgumentTypeError, ArgumentValueError: a hand or a split that cannot be.
    """

    path: str | None = None
    kind: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)
    split_settings: Mapping[str, Any] = field(default_factory=dict, hash=False)
    hand: str = "mixed"

    def __post_init__(self) -> None:
        if self.path is not None and not isinstance(self.path, str):
            raise ArgumentTypeError(f"path is a path or a name, not {shown(self.path)}")
        if self.path is None and (self.kind is not None or self.settings):
            raise ArgumentValueError(
                f"the key path is missing, so {', '.join(['kind', *self.settings][:1])!r} "
                f"means nothing; it is a path, or the name of a known data set"
            )
        checked_hand(self.hand)
        self.split()

    @classmethod
    def from_settings(cls, settings: object) -> Self:
        """The section from what a JSON file holds: an object, or a path alone."""
        if isinstance(settings, str):
            return cls(settings)
        if not isinstance(settings, dict):
            raise ArgumentTypeError(
                f"data is a path, or an object with the key path, not {shown(settings)}"
            )
        rest = dict(settings)
        split = {key: rest.pop(key) for key in _SPLIT_KEYS if key in rest}
        own = {key: rest.pop(key) for key in ("path", "kind", "hand") if key in rest}
        return cls(settings=rest, split_settings=split, **own)

    def to_dict(self) -> dict[str, Any]:
        """The same as a new dict, without what is not said."""
        own = {"path": self.path, "kind": self.kind}
        said = {key: value for key, value in own.items() if value is not None}
        hand = {} if self.hand == "mixed" else {"hand": self.hand}
        return {**said, **self.settings, **self.split_settings, **hand}

    def source(self) -> GlyphSource:
        """Where the glyphs come from.

        Raises:
            As `described_source`.
        """
        if self.path is None:
            return as_source(None)
        return described_source(self.path, self.kind, **self.settings)

    def split(
        self, split: object = None, *, split_by: object = None, fractions: object = None
    ) -> Split | None:
        """The part of the source that is meant; None for the whole.

        Args:
            split: what goes before what the section says, as do the others; or a `Split`.
            split_by: as for `Split`, one or several.
            fractions: as for `Split`.

        Raises:
            ArgumentTypeError, ArgumentValueError: as `Split`; or details, and no split.
        """
        details = {
            key: self.split_settings.get(said) if given is None else given
            for key, said, given in (
                ("by", "split_by", split_by),
                ("fractions", "fractions", fractions),
            )
        }
        said = {key: value for key, value in details.items() if value is not None}
        if isinstance(split, Split):
            return split
        part = self.split_settings.get("split") if split is None else split
        if part is not None:
            return Split(part, **said)  # type: ignore[arg-type]  # which it checks
        if said:
            raise ArgumentValueError(
                "split_by and fractions say how the data are split; a split, 'train', 'val' or "
                "'test', says which part is meant"
            )
        return None
