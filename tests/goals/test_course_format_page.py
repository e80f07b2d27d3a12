"""The pages about the course file: every block in them loads, every key is in them."""

import inspect
import re
from pathlib import Path

import pytest

from milepost.goals import course_file, fields, schema, tree

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ["course-format.md", "course-format.es.md"]
BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.DOTALL | re.MULTILINE)
NAMED = [
    "starter/search.py", "solutions/a.py", "tests/test_search.py", "tests/test_more.py", "tests/data/a.txt",
    "tests/search.test.js", "solutions/one/main.py", "solutions/one/helpers.py",
]  # fmt: skip


def blocks(page):
    return BLOCK.findall((DOCS / page).read_text("utf-8"))


def keys(node):
    if node.kind is tree.Kind.LIST:
        return [key for child in node.children for key in keys(child)]
    return (
        [key for name, value in node.entries() for key in (name.text, *keys(value))]
        if node.kind is tree.Kind.MAPPING
        else []
    )


@pytest.mark.parametrize(("page", "number"), [(page, number) for page in PAGES for number in range(len(blocks(page)))])
def test_every_block_loads(folder, page, number):
    for name in NAMED:
        folder.write(name, "# x\n")
    text = blocks(page)[number]
    if text.startswith("criteria:"):
        folder.task(f"files: [a.py]\n{text}")
    else:
        folder.write("milepost.yaml", text)
    assert course_file.load(folder.file).goals


def test_both_pages_show_the_same():
    english, spanish = ([tree.compose(text)[0] for text in blocks(page)] for page in PAGES)
    assert len(english) > 10
    assert [keys(node) for node in english] == [keys(node) for node in spanish]


@pytest.mark.parametrize("page", PAGES)
def test_every_key_is_explained(page):
    text = (DOCS / page).read_text("utf-8")
    entries = [one for _, one in inspect.getmembers(schema, inspect.isclass) if issubclass(one, fields.Strict)]
    known = {shown.alias or name for entry in entries for name, shown in entry.model_fields.items()}
    assert {"share_solutions", "import", "junit", *schema.KINDS} <= known
    explained = set(re.findall(r"`(\w+)[`:]", BLOCK.sub("", text)))
    assert not known - explained - {"goals", "en", "es"}
