"""Letters for pictures: the font that comes with Pillow, and texts that it can write."""

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont, ImageFont

    Font: TypeAlias = FreeTypeFont | ImageFont

_CUT = "..."


def font_of(size: int) -> "Font":
    """Pillow's own font, `size` pixels high; of one size only where Pillow has no FreeType."""
    from PIL import ImageFont

    try:
        return ImageFont.load_default(size)
    except (TypeError, ImportError):  # Pillow 10.0 knows no size; without FreeType there is none.
        return ImageFont.load_default()


def readable(text: str) -> str:
    r"""The text in the characters that the font has, all others as escapes.

    >>> print(readable("26 Müller, 木\n"))
    26 M\xfcller, \u6728\n
    """
    return "".join(
        letter if " " <= letter <= "~" else letter.encode("unicode_escape").decode("ascii")
        for letter in text
    )


def fitted(text: str, font: "Font", width: float) -> str:
    """As much of the text, made readable, as `width` pixels hold; what is cut ends in dots."""
    whole = readable(text)
    if font.getlength(whole) <= width:
        return whole
    kept = whole[: max(0, int(width))]  # No letter is narrower than a pixel.
    while kept and font.getlength(kept + _CUT) > width:
        kept = kept[:-1]
    return kept + _CUT if kept else ""
