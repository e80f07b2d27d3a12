"""The set-ups of docs/editors.md, word for word."""

import re

from tests.editors.conftest import ROOT

PAGE = ROOT / "docs/editors.md"


def words(heading: str, language: str, holding: str) -> str:
    """Return the block of code below a heading of the page, in a language, that holds a text."""
    (section,) = re.findall(
        rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
    (block,) = [block for block in blocks if holding in block]
    return block
