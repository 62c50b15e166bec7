"""What `image-sequence dataset` does, once its arguments are read."""

import argparse
import json
import re
from typing import Any

from image_sequence.commands.parsing import DONE
from image_sequence.config import Configuration
from image_sequence.datasets.estimates import estimate
from image_sequence.datasets.formats.known import find_format
from image_sequence.datasets.policies.lengths import LengthLaw
from image_sequence.datasets.progress import bar
from image_sequence.datasets.receipts import Receipt
from image_sequence.datasets.recipe import DEFAULT_FORMAT, DEFAULT_LABELS, Recipe, read_settings
from image_sequence.datasets.runners.kinds import Event, Start, Tell
from image_sequence.datasets.shards import Part
from image_sequence.datasets.writing import Summary, write_dataset
from image_sequence.errors import ArgumentValueError, shown

_FIELDS = ("count", "start", "seed", "width", "format", "shard_size", "split", "split_by", "data")
_MORE_FIELDS = ("fractions", "hand", "preset", "spacing")


def make(options: argparse.Namespace) -> int:
    """Make a data set, or say what it would take."""
    settings = _settings(options)
    part = Part.of(options.shard_index, options.num_shards)
    if options.dry_run:
        return _tell_estimate(settings, part, options)
    if options.out is None:
        raise ArgumentValueError("where to? --out DIR says it; --dry-run writes nothing")
    summary = write_dataset(
        settings,
        options.out,
        workers=options.workers,
        engine=options.engine,
        address=options.address,
        part=part,
        watch=_json_lines if options.json else bar,
    )
    if options.json:
        print(json.dumps({"event": "end", **_told(summary)}), flush=True)
    else:
        print(_described(summary, part))
    return DONE


def _settings(options: argparse.Namespace) -> dict[str, Any]:
    """What the recipe says, and the options before it."""
    settings = {} if options.recipe is None else dict(read_settings(options.recipe))
    given = {name: getattr(options, name) for name in (*_FIELDS, *_MORE_FIELDS)}
    settings |= {name: value for name, value in given.items() if value is not None}
    if options.preset is not None:
        settings.pop("configuration", None)
    if options.config is not None:
        settings.pop("preset", None)
        settings["configuration"] = Configuration.from_file(options.config).to_dict()
    for name in ("edges", "masks"):
        if getattr(options, name):
            settings[name] = True
    if options.encoding is not None or options.level is not None:
        settings["encoding"] = _encoding(options, settings)
    labels = _labels(options, settings.get("labels"))
    if labels is not None:
        settings["labels"] = labels
    return settings


def _encoding(options: argparse.Namespace, settings: dict[str, Any]) -> dict[str, Any]:
    there = settings.get("encoding", {})
    told = there if isinstance(there, dict) else {"name": there}
    if options.encoding is not None:
        told = {"name": options.encoding}
    if "name" not in told:
        told = {"name": find_format(settings.get("format", DEFAULT_FORMAT)).encodings[0]}
    return told if options.level is None else {**told, "level": options.level}


def _labels(options: argparse.Namespace, there: object) -> dict[str, Any] | None:
    """The label policy that options say; what the recipe says, if they say none."""
    chosen = [
        policy
        for policy, said in (
            ({"policy": "numbers", "range": _range(options.numbers)}, options.numbers),
            ({"policy": "texts", "file": options.texts}, options.texts),
            ({"policy": "pattern", "pattern": options.pattern}, options.pattern),
            ({"policy": "pairs"}, options.pairs),
        )
        if said not in (None, False)
    ]
    if len(chosen) > 1:
        raise ArgumentValueError(
            "--numbers, --texts, --pattern and --pairs each say what is written; use one of them"
        )
    more = {
        "length": None if options.length is None else LengthLaw.from_text(options.length).to_json(),
        "check": options.check,
        "leading_zeros": False if options.no_leading_zeros else None,
        "held_out": None if options.held_out is None else {"file": options.held_out},
    }
    said = {key: value for key, value in more.items() if value is not None}
    if not chosen and not said:
        return None
    begun = chosen[0] if chosen else there if isinstance(there, dict) else DEFAULT_LABELS
    return {**begun, **said}


def _range(text: str | None) -> list[int]:
    found = re.fullmatch(r"([0-9]{1,18})-([0-9]{1,18})", "0-0" if text is None else text)
    if not found:
        raise ArgumentValueError(f"--numbers is a range such as 1-9999, not {shown(text)}")
    return [int(end) for end in found.groups()]


def _tell_estimate(settings: dict[str, Any], part: Part, options: argparse.Namespace) -> int:
    told = estimate(Recipe.from_dict(settings), workers=options.workers, part=part).to_dict()
    if options.json:
        print(json.dumps(told))
        return DONE
    print(
        f"{told['samples']:,} samples in {told['shards']:,} shards would take about "
        f"{told['bytes']:,} bytes and {told['seconds']:,} seconds, with {told['workers']} workers "
        f"at {told['images_a_second_and_worker']:,} images a second each; told from "
        f"{told['tried_samples']:,} of them. Nothing is written."
    )
    return DONE


def _json_lines(start: Start) -> Tell:
    told = {"samples": start.sample_count, "found": start.found_count, "shards": start.shard_count}
    print(json.dumps({"event": "start", **told}), flush=True)

    def tell(event: Event) -> None:
        if isinstance(event, Receipt):
            print(json.dumps({"event": "shard", **event.to_dict()}), flush=True)

    return tell


def _told(summary: Summary) -> dict[str, Any]:
    return {
        "where": summary.where,
        "made": summary.made_count,
        "samples": summary.sample_count,
        "bytes": summary.size,
        "shards": len(summary.receipts),
        "complete": summary.manifest is not None,
        "seed": summary.recipe.seed,
    }


def _described(summary: Summary, part: Part) -> str:
    shards = f"{len(summary.receipts):,} shards, {summary.size:,} bytes"
    if summary.manifest is None:
        return (
            f"part {part.index} of {part.count} is made: {summary.made_count:,} samples. Of all "
            f"parts, {summary.sample_count:,} of {summary.recipe.count:,} samples are there, in "
            f"{shards}, in {summary.where}"
        )
    made = "it was there already" if not summary.made_count else f"{summary.made_count:,} made now"
    return f"{summary.sample_count:,} samples ({made}) in {shards}: {summary.where}"
