"""docs/DATASETS.md says what is so: examples of labels, formats, options."""

import json
import re
from pathlib import Path

import pytest

from image_sequence.cli import main
from image_sequence.datasets import Recipe
from image_sequence.datasets.formats.known import FORMATS, find_format
from image_sequence.datasets.policies.kinds import Alphabet
from image_sequence.datasets.policies.known import POLICIES, policy_of
from image_sequence.draws import Draws

TEXT = (Path(__file__).parents[1] / "docs" / "DATASETS.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^\| `(\{\"policy\".*\})` \| ([^|`]*) \|", TEXT, re.MULTILINE)
DIGITS = "0123456789"


@pytest.mark.parametrize(("settings", "texts"), EXAMPLES)
def test_examples_of_labels_are_what_seed_7_writes(settings: str, texts: str) -> None:
    policy = policy_of(json.loads(settings.replace(r"\|", "|")))
    characters = DIGITS if '"pattern"' not in settings else DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ/-"
    alphabet = Alphabet.of(dict(enumerate(characters)))
    drawn = policy(alphabet, Draws(7, "labels", range(4)))
    written = ["".join(characters[label] for label in row if label >= 0) for row in drawn.tolist()]
    told = texts.removesuffix(", …").split(", ")
    assert written[: len(told)] == told


def test_there_are_examples_of_all_policies() -> None:
    assert {json.loads(settings.replace(r"\|", "|"))["policy"] for settings, _ in EXAMPLES} == set(
        POLICIES
    )


def test_the_table_of_formats_is_what_they_are() -> None:
    rows = re.findall(
        r"^\| `([\w-]+)` \| [^|]* \| (.*?) \| (.*?) \| [^|]* \| [^|]* \| (\w+) \| \w+ \|$",
        TEXT,
        re.MULTILINE,
    )
    assert {row[0] for row in rows} == set(FORMATS)
    for name, _, encodings, masks in rows:
        assert tuple(encodings.split(", ")) == find_format(name).encodings, name
        assert (masks == "yes") == find_format(name).has_masks, name


def test_every_option_of_the_recipe_table_exists(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["dataset", "-h"])
    explained = capsys.readouterr().out
    options = set(re.findall(r"`(--[\w-]+)", TEXT))
    commands = {"--remade", "--character", "--train_data", "--select_data", "--batch_ratio"}
    for option in options - commands - {"--sensitive", "--batch_max_length"}:
        assert option in explained, option


def test_the_recipe_table_has_every_key() -> None:
    section = TEXT.partition("## The recipe")[2].partition("\n## ")[0]
    told = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (.*?) \|", section, re.MULTILINE))))
    kept = set(Recipe(count=1, image_width=9, seed=1).to_dict()) - {"recipe"}
    assert kept <= told
