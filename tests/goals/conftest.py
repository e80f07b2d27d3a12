from pathlib import Path

import pytest

MINIMAL = """\
course: {title: Small, language: python}
goals:
  - title: Search
    tasks:
      - title: Find it
        files: [search.py]
        criteria:
          - defines: ["search(x, seq)"]
"""


class CourseFolder:
    """A folder with a course file and whatever else a test puts into it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.file = root / "milepost.yaml"
        self.write("milepost.yaml", MINIMAL)

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def task(self, lines: str, *, language: str = "python") -> str:
        """Write a course of one task that is `lines` under its title, and return the text."""
        body = "".join(f"        {line}\n" for line in lines.strip("\n").split("\n"))
        course = f"course: {{title: Small, language: {language}}}"
        text = f"{course}\ngoals:\n  - title: G\n    tasks:\n      - title: T\n{body}"
        self.write("milepost.yaml", text)
        return text

    def criterion(self, text: str, *, language: str = "python") -> str:
        """Write a course of one task with one criterion."""
        lines = text.strip("\n").replace("\n", "\n    ")
        return self.task(f"files: [a.py]\ncriteria:\n  - {lines}", language=language)


@pytest.fixture
def folder(tmp_path) -> CourseFolder:
    (tmp_path / "course").mkdir()
    return CourseFolder(tmp_path / "course")
