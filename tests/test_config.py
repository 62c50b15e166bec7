"""Configurations: every classic key, and what a wrong one gets."""

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from image_sequence.config import Configuration
from image_sequence.errors import (
    ArgumentTypeError,
    ConfigurationError,
    ConfigurationKeyError,
    ConfigurationNotFoundError,
    ConfigurationSyntaxError,
    ConfigurationTypeError,
    ConfigurationUnreadableError,
    ConfigurationValueError,
)

DEFAULT = {
    "image": {"transform": False},
    "spacing": {"type": "variable", "subtype": "between"},
    "output_format": "png",
}


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads(json.dumps(DEFAULT))
    change(settings)
    return settings


def test_the_defaults_are_the_classic_ones() -> None:
    assert Configuration().to_dict() == DEFAULT


def test_a_file_becomes_a_configuration(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(DEFAULT | {"image": {"transform": True}, "output_format": "JPEG"}))
    assert Configuration.from_file(path) == Configuration(transform=True, output_format="jpeg")


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(DEFAULT), encoding="utf-8-sig")
    assert Configuration.from_file(path) == Configuration()


@pytest.mark.parametrize("output_format", ["png", "PNG", "Jpg", "jpeg"])
def test_formats_are_taken_in_any_case(output_format: str) -> None:
    settings = DEFAULT | {"output_format": output_format}
    assert Configuration.from_dict(settings).output_format == output_format.lower()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.pop("image"), "the configuration lacks 'image'; its keys are 'image', 'out"),
        (lambda s: s.pop("output_format"), "the configuration lacks 'output_format'"),
        (lambda s: s["image"].clear(), "image lacks 'transform'; its keys are 'transform'"),
        (lambda s: s["spacing"].pop("subtype"), "spacing lacks 'subtype'; its keys are 'subtype'"),
    ],
)
def test_a_missing_key_is_a_readable_key_error(
    change: Callable[[dict[str, Any]], object], message: str
) -> None:
    with pytest.raises(ConfigurationKeyError) as caught:
        Configuration.from_dict(changed(change))
    assert isinstance(caught.value, KeyError)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("settings", "kind", "message"),
    [
        ([], ConfigurationTypeError, "the configuration is a JSON object with the keys 'image'"),
        (DEFAULT | {"image": True}, ConfigurationTypeError, "image is a JSON object with"),
        (
            DEFAULT | {"spacing": {"type": 3, "subtype": "edge"}},
            ConfigurationTypeError,
            "spacing.type is a name such as 'variable', not 3",
        ),
        (
            DEFAULT | {"spacing": {"type": "fixed", "subtype": "edges"}},
            ConfigurationTypeError,
            "spacing.subtype is 'edge' or 'between', not 'edges'",
        ),
        (
            DEFAULT | {"spacing": {"type": "fixed", "subtype": ["edge"]}},
            ConfigurationTypeError,
            "spacing.subtype is 'edge' or 'between', not",
        ),
        (
            DEFAULT | {"image": {"transform": "yes"}},
            ConfigurationValueError,
            "image.transform is true or false, one of the names 'classic', 'classic-native'",
        ),
        (
            DEFAULT | {"image": {"transform": 1}},
            ConfigurationValueError,
            "at least one step, not 1",
        ),
        (
            DEFAULT | {"output_format": "gif"},
            ConfigurationValueError,
            "output_format is one of 'png', 'jpg', 'jpeg', not 'gif'",
        ),
        (DEFAULT | {"output_format": None}, ConfigurationValueError, "'jpeg', not None"),
        (
            DEFAULT | {"colour": True},
            ConfigurationValueError,
            "the configuration has 'colour', which means nothing",
        ),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    settings: object, kind: type[ConfigurationError], message: str
) -> None:
    with pytest.raises(kind, match=message):
        Configuration.from_dict(settings)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationNotFoundError, match=r"no configuration file .*nowhere.json"):
        Configuration.from_file(tmp_path / "nowhere.json")


def test_a_folder_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationUnreadableError, match="cannot be read"):
        Configuration.from_file(tmp_path)


def test_a_file_without_permission_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)  # chmod does not stop root
    with pytest.raises(PermissionError, match=r"cannot be read: .*Permission denied"):
        Configuration.from_file(tmp_path / "config.json")


@pytest.mark.parametrize("path", [3, b"config.json", {"image": {}}, ["config.json"]])
def test_a_path_is_a_path(path: object) -> None:
    with pytest.raises(ArgumentTypeError, match="config_path is the path of a JSON file, not"):
        Configuration.from_file(path)  # type: ignore[arg-type]  # the wrong kinds on purpose


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'{"image": nope}', b"\xff\xfe{}", b"[" * 100_000, b"1" * 5000],
    ids=["empty", "open", "word", "not UTF-8", "too deep", "too long"],
)
def test_what_is_not_json_is_a_json_error_that_names_the_file(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "config.json"
    path.write_bytes(content)
    with pytest.raises(json.JSONDecodeError, match=r"the configuration file .*config\.json' is no"):
        Configuration.from_file(path)


def test_the_syntax_error_says_where(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text('{\n  "image": oops}')
    with pytest.raises(ConfigurationSyntaxError, match="line 2 column 12") as caught:
        Configuration.from_file(path)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301  # our own
