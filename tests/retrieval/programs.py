"""Right programs of two small tasks, and wrong ones like them."""

from textwrap import dedent


def _programs(text: str) -> tuple[str, ...]:
    return tuple(program.strip() + "\n" for program in dedent(text).split("---"))


SEARCHES = _programs("""
    def search(x, seq):
        for i, e in enumerate(seq):
            if x <= e:
                return i
        return len(seq)
    ---
    def search(x, seq):
        i = 0
        while i < len(seq) and seq[i] < x:
            i += 1
        return i
    ---
    def search(x, seq):
        for i in range(len(seq)):
            if x <= seq[i]:
                return i
        return len(seq)
    ---
    def search(x, seq):
        return sum(1 for e in seq if e < x)
    ---
    def search(x, seq):
        if not seq or x <= seq[0]:
            return 0
        return 1 + search(x, seq[1:])
""")
COUNTS = _programs("""
    def count(word, text):
        return text.split().count(word)
    ---
    def count(word, text):
        found = 0
        for one in text.split():
            if one == word:
                found += 1
        return found
""")
# Each resembles the search at its own place: the second has other names, the third and fourth do not parse.
WRONG_SEARCHES = _programs("""
    def search(x, seq):
        for i, e in enumerate(seq):
            if x < e:
                return i
        return i
    ---
    def search(y, items):
        n = 0
        while n < len(items) and items[n] <= y:
            n += 1
        return n - 1
    ---
    def search(x, seq):
        for i in range(len(seq)):
            if x <= seq[i]
                return i
        return
    ---
    def search(x, seq):
        return sum(1 for e in seq if e <= x
    ---
    def search(x, seq):
        if not seq:
            return 0
        return search(x, seq[1:])
""")
RENAMED = 1
