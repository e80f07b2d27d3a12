"""Patterns of file names: `*`, `?` and `[abc]` inside one folder, `**` for any number of folders."""

import fnmatch


def is_wildcard(pattern: str) -> bool:
    """Tell whether the pattern can match more than one name."""
    return any(sign in pattern for sign in "*?[")


def matches(pattern: str, path: str) -> bool:
    """Tell whether the whole relative path matches; a wildcard never matches a leading dot."""
    segments = pattern.split("/")
    return _segments_match([*segments, "*"] if segments[-1] == "**" else segments, path.split("/"))


def fixed_folder(pattern: str) -> str:
    """Return the leading folders of the pattern that hold no wildcard."""
    fixed: list[str] = []
    for segment in pattern.split("/")[:-1]:
        if is_wildcard(segment):
            break
        fixed.append(segment)
    return "/".join(fixed)


def _segments_match(pattern: list[str], path: list[str]) -> bool:
    """Follow every place in the path that the pattern read so far can have reached."""
    reached = {0}
    for segment in pattern:
        if segment == "**":
            reached = set().union(*(_skip_folders(at, path) for at in reached))
        else:
            reached = {at + 1 for at in reached if at < len(path) and _name_matches(segment, path[at])}
        if not reached:
            return False
    return len(path) in reached


def _skip_folders(start: int, path: list[str]) -> set[int]:
    reached = {start}
    for at in range(start, len(path) - 1):
        if path[at].startswith("."):
            break
        reached.add(at + 1)
    return reached


def _name_matches(pattern: str, name: str) -> bool:
    if not is_wildcard(pattern):
        return pattern == name
    if name.startswith(".") and not pattern.startswith("."):
        return False
    return fnmatch.fnmatchcase(name, pattern)
