"""Right programs of two small tasks, and wrong ones like them."""

SEARCHES = (
    "def search(x, seq):\n    for i, e in enumerate(seq):\n        if x <= e:\n            return i\n    return len(seq)\n",
    "def search(x, seq):\n    i = 0\n    while i < len(seq) and seq[i] < x:\n        i += 1\n    return i\n",
    "def search(x, seq):\n    for i in range(len(seq)):\n        if x <= seq[i]:\n            return i\n    return len(seq)\n",
    "def search(x, seq):\n    return sum(1 for e in seq if e < x)\n",
    "def search(x, seq):\n    if not seq or x <= seq[0]:\n        return 0\n    return 1 + search(x, seq[1:])\n",
)
COUNTS = (
    "def count(word, text):\n    return text.split().count(word)\n",
    "def count(word, text):\n    found = 0\n    for one in text.split():\n        if one == word:\n            found += 1\n"
    "    return found\n",
)
# The number of the search that a wrong program is nearest to.
WRONG_SEARCHES = (
    (
        "def search(x, seq):\n    for i, e in enumerate(seq):\n        if x < e:\n            return i\n    return i\n",
        0,
    ),
    (
        "def search(y, items):\n    n = 0\n    while n < len(items) and items[n] <= y:\n        n += 1\n    return n - 1\n",
        1,
    ),
    (
        "def search(x, seq):\n    for i in range(len(seq)):\n        if x <= seq[i]\n            return i\n    return\n",
        2,
    ),
    ("def search(x, seq):\n    return sum(1 for e in seq if e <= x\n", 3),
    ("def search(x, seq):\n    if not seq:\n        return 0\n    return search(x, seq[1:])\n", 4),
)
