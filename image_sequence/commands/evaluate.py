"""`image-sequence evaluate`."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from image_sequence.commands.parsing import DONE, whole_number
from image_sequence.errors import ArgumentValueError

if TYPE_CHECKING:
    from image_sequence.datasets.viewing import View
    from image_sequence.inspecting.evaluation import Evaluation

_DESCRIPTION = """\
What a trained model reads rightly and wrongly in a data set: how many pictures it reads without a
mistake, how many mistakes it makes to a label, and where: by label, position, length, gap, repeats,
slant, writer and source glyph, each with a 95 % interval. With --out an HTML page as well, with the
worst pictures.

The predictions are a CSV file in UTF-8 with a header: the columns "prediction", and "file_name" or
"index". A prediction is a text: zeros in front stay, and it may be empty. Each sample has one.
Spaces count as any character does, but where labels are words, such as "cat" and "dog": there a
prediction is taken apart into labels, with or without spaces between them.

A mistake is a label read as another, left out, or read where there is none, counted by the
alignment that has the fewest. Where all labels are single characters, mistakes to a label are
the character error rate."""
_EXAMPLES = """examples:
  %(prog)s digits predictions.csv
      figures, in the terminal
  %(prog)s digits predictions.csv --out
      and the page digits-mistakes.html in this folder
  %(prog)s digits predictions.csv --json > figures.json
      all figures for other programs
  %(prog)s recipe.json predictions.csv
      what the recipe defines, made again for the purpose
"""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Make the command known."""
    parser = commands.add_parser(
        "evaluate",
        help="what a trained model reads rightly and wrongly",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
    )
    parser.set_defaults(command=_evaluate, interrupted="interrupted; nothing was written")
    parser.add_argument(
        "where",
        metavar="DIR",
        help="a data set, a folder of image-sequence draw --records, or a recipe's JSON file",
    )
    parser.add_argument("predictions", metavar="PREDICTIONS", help="a CSV file")
    parser.add_argument(
        "--out",
        metavar="FILE.html",
        nargs="?",
        const="",
        help="write a page; where no name follows, DIR's with -mistakes.html, in this folder",
    )
    parser.add_argument("--json", action="store_true", help="print all figures as JSON")
    parser.add_argument(
        "--partial", action="store_true", help="leave out samples that have no prediction"
    )
    parser.add_argument(
        "--worst",
        metavar="N",
        type=whole_number,
        default=24,
        help="how many of the worst pictures and glyphs are listed (24)",
    )


def _evaluate(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from image_sequence.datasets.viewing import open_view
    from image_sequence.inspecting.evaluation import evaluate
    from image_sequence.inspecting.evaluation_text import described
    from image_sequence.inspecting.makers import generator_of
    from image_sequence.inspecting.predictions import Predictions

    if options.worst < 0:
        raise ArgumentValueError(f"--worst is at least 0, not {options.worst}")
    out = None if options.out is None else _checked_out(options.out, options.where)
    predictions = Predictions.read(options.predictions)
    view = open_view(options.where)
    generator = generator_of(view)
    with tqdm(view.samples(), total=view.count, unit="sample", disable=None) as samples:
        evaluation = evaluate(samples, predictions, generator=generator, partial=options.partial)
    if options.json:
        print(json.dumps(evaluation.to_dict(worst=options.worst), indent=2, ensure_ascii=False))
    else:
        print(described(evaluation, view.name))
    if out is not None:
        _write(out, evaluation, view, options)
    return DONE


def _checked_out(given: str, where: str) -> Path:
    """Where the page goes.

    Raises:
        ArgumentValueError: it is no page's name, or lies in the data set.
    """
    folder = Path(where).resolve()
    out = Path(given or f"{folder.stem if folder.is_file() else folder.name}-mistakes.html")
    if out.suffix.lower() not in (".html", ".htm"):
        raise ArgumentValueError(f"a page's name ends in .html, {str(out)!r} does not")
    if out.resolve().is_relative_to(folder):
        raise ArgumentValueError(
            f"{str(out)!r} would lie in the data set, which has only its own files; use --out with "
            f"a name in another folder"
        )
    return out


def _write(out: Path, evaluation: "Evaluation", view: "View", options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from image_sequence.files import written_whole
    from image_sequence.inspecting.mistakes import mistakes_page

    wanted = frozenset(one.index for one in evaluation.worst(options.worst))
    with tqdm(
        view.samples(wanted), total=len(wanted), desc="pictures", unit="sample", disable=None
    ) as samples:
        html = mistakes_page(evaluation, samples, name=view.name, worst=options.worst)
    with written_whole(out) as partial:
        partial.write_text(html, encoding="utf-8", newline="\n")
    if not options.json:
        print(out)
