"""OpenCV, which comes with imgaug: imported when it is needed, and checked."""

from types import ModuleType

from image_sequence.errors import LibraryError

_LIMIT = 5  # OpenCV 5 warps to other pixels, and breaks some of imgaug's augmenters.
_ADVICE = (
    'install "opencv-python<5", or on a server without a screen "opencv-python-headless<5" '
    "alone (README, Servers without a screen)"
)


def import_opencv(who: str) -> ModuleType:
    """The cv2 module.

    Args:
        who: what needs it, for errors.

    Raises:
        LibraryError: it is missing, does not load or is too new.
    """
    try:
        import cv2

        version: str = cv2.__version__
    # A cv2 of two wheels, one of which was removed, loads and lacks names.
    except (ImportError, AttributeError) as error:
        raise LibraryError(
            f"OpenCV, which {who} needs, does not load: {error}; {_ADVICE}"
        ) from error
    if int(version.split(".", maxsplit=1)[0]) >= _LIMIT:
        raise LibraryError(f"{who} does not work with OpenCV {version}; {_ADVICE}")
    return cv2
