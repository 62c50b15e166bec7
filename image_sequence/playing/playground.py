"""From wishes to pictures, their boxes, and what makes them again."""

from base64 import b64encode
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

from image_sequence.datasets.encoding import Encoding
from image_sequence.errors import ImageSequenceError
from image_sequence.generator import DigitSequence, ImageSequence
from image_sequence.glyphs.bank import GlyphBank
from image_sequence.glyphs.finding import as_source
from image_sequence.playing.lines import (
    command_lines,
    json_lines,
    python_lines,
    whole_configuration,
)
from image_sequence.playing.wishes import PICTURE_COUNT, Wishes
from image_sequence.sample import Sample


@dataclass(frozen=True)
class Playground:
    """Glyphs, and answers to wishes about them. Of one thread at a time.

    Attributes:
        bank: the glyphs, loaded once.
        where: what `play --data` was told; None for the digits that come with the package.
    """

    bank: GlyphBank = field(repr=False)
    where: str | None = None

    @classmethod
    def of(cls, where: str | None) -> Self:
        """The playground of a source, whose glyphs are loaded.

        Raises:
            As `described_source`, and as its loading.
        """
        return cls(as_source(where).load(), where)

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """The labels there are images of, as text."""
        return ImageSequence(self.bank).classes

    def answer(self, settings: object) -> dict[str, Any]:
        """What the page is to show; the same whatever was asked for before.

        Args:
            settings: as for `Wishes.from_dict`.

        Returns:
            Plain JSON values: pictures, with their boxes, and the configuration, and JSON, lines of
            Python and a command line to copy; or an error, which says what would work.
        """
        try:
            wishes = Wishes.from_dict(settings, None if self.where is None else self.classes)
            return self._answer(wishes)
        except ImageSequenceError as error:
            return {"error": str(error)}

    def _answer(self, wishes: Wishes) -> dict[str, Any]:
        maker = DigitSequence if self.where is None else ImageSequence
        # One for each answer: a generator is of one configuration, and cheap without its glyphs.
        generator = maker(source=self.bank, config_path=wishes.configuration, seed=wishes.seed)
        batch = generator.batch(
            [wishes.labels] * PICTURE_COUNT,
            (wishes.minimum, wishes.maximum),
            wishes.width,
            dtype="uint8",
        )
        files = Encoding("png").encoded(batch.images)
        settings = whole_configuration(wishes, self.where).to_dict()
        return {
            "pictures": [
                _picture(sample, content) for sample, content in zip(batch, files, strict=True)
            ],
            "configuration": settings,
            "json": json_lines(settings) + "\n",
            "python": python_lines(wishes, self.where),
            "command": command_lines(wishes, self.where),
        }


def _picture(sample: Sample, content: bytes) -> dict[str, Any]:
    height, width = sample.image.shape[:2]
    return {
        "source": f"data:image/png;base64,{b64encode(content).decode()}",
        "index": sample.index,
        "text": sample.text,
        "width": width,
        "height": height,
        "gaps": sample.gaps.tolist(),
        "boxes": sample.boxes.tolist(),
        "ink_boxes": [box for box in sample.ink_boxes.tolist() if box[0] >= 0],
        "polygons": None if sample.polygons is None else sample.polygons.tolist(),
    }
