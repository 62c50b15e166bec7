"""Links of documents, which are relative to the repository's files, as links within the site."""

import os
import re
from pathlib import Path

DOCS = Path(__file__).parents[1]
ROOT = DOCS.parent

PAGES = {
    "README.md": "manual.md",
    "CHANGELOG.md": "changes.md",
    "CONTRIBUTING.md": "taking_part.md",
}
"""Documents above docs/, and the pages in it that include them."""

_LINK = re.compile(r"\[([^\]]*)\]\(([^)#\s:]+)(#[^)\s]*)?\)")


def in_the_site(text: str, folder: Path) -> str:
    """A document's text with links that lead to the site's pages, and to files beside them.

    Args:
        text: Markdown, as it stands in a file of the repository.
        folder: where that file is: its links are relative to it.

    >>> in_the_site("[Steps](docs/VARIETY.md#steps), [all](README.md), [code](tests)", ROOT)
    '[Steps](/VARIETY.md#steps), [all](/manual.md), code'
    """

    def mended(found: re.Match[str]) -> str:
        name, target, anchor = found[1], (folder / found[2]).resolve(), found[3] or ""
        if target.is_dir():
            return name  # The site has no folders to look into.
        page = PAGES.get(os.path.relpath(target, ROOT), os.path.relpath(target, DOCS))
        return f"[{name}](/{page}{anchor})"

    return _LINK.sub(mended, text)
