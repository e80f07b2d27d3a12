"""Small tasks with a few examples and several right programs that differ where the task leaves it open."""

TASKS = {
    "is_prime": (
        [
            ("is_prime(2)", "True"),
            ("is_prime(9)", "False"),
            ("is_prime(13)", "True"),
            ("is_prime(1)", "False"),
        ],
        [
            "def is_prime(n):\n    return n > 1 and all(n % d for d in range(2, n))\n",
            """\
def is_prime(n):
    if n == 1:
        return False
    d = 2
    while d * d <= n:
        if n % d == 0:
            return False
        d += 1
    return True
""",
        ],
        "def is_prime(n):\n    return n in (2, 13)\n",
    ),
    "fibonacci": (
        [
            ("fib(0)", "0"),
            ("fib(1)", "1"),
            ("fib(7)", "13"),
            ("fib(10)", "55"),
        ],
        [
            """\
def fib(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a
""",
            "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\n",
        ],
        "def fib(n):\n    return {0: 0, 1: 1, 7: 13, 10: 55}.get(n, n)\n",
    ),
    "average": (
        [
            ("average([1, 2])", "1.5"),
            ("average([3])", "3.0"),
            ("average([2, 4, 9])", "5.0"),
        ],
        [
            "def average(xs):\n    return sum(xs) / len(xs)\n",
            """\
def average(xs):
    t = 0.0
    for x in xs:
        t += x
    return t / len(xs) if xs else 0.0
""",
        ],
        "def average(xs):\n    return (min(xs) + max(xs)) / 2 if len(xs) < 3 else 5.0\n",
    ),
    "count_vowels": (
        [
            ("vowels('hello')", "2"),
            ("vowels('sky')", "0"),
            ("vowels('programming')", "3"),
            ("vowels('')", "0"),
        ],
        [
            "def vowels(s):\n    return sum(c in 'aeiou' for c in s)\n",
            "def vowels(s):\n    return len([c for c in s.lower() if c in 'aeiouAEIOU'])\n",
        ],
        "def vowels(s):\n    return s.count('e') + s.count('o') + s.count('i') + s.count('a') * (len(s) > 6)\n",
    ),
    "reverse_words": (
        [
            ("rev('a b')", "'b a'"),
            ("rev('one two three')", "'three two one'"),
            ("rev('word')", "'word'"),
        ],
        [
            "def rev(s):\n    return ' '.join(s.split()[::-1])\n",
            "def rev(s):\n    return ' '.join(reversed(s.split(' ')))\n",
        ],
        """\
def rev(s):
    w = s.split()
    return ' '.join([w[-1], *w[1:-1], w[0]]) if len(w) > 1 else s
""",
    ),
    "second_largest": (
        [
            ("second([3, 1, 2])", "2"),
            ("second([9, 8])", "8"),
            ("second([1, 5, 4, 2])", "4"),
        ],
        [
            "def second(xs):\n    return sorted(xs)[-2]\n",
            """\
def second(xs):
    xs = sorted(set(xs))
    return xs[-2]
""",
            """\
def second(xs):
    m = max(xs)
    return max(x for x in xs if x != m)
""",
        ],
        "def second(xs):\n    return sorted(xs)[-2] if len(xs) < 4 else 4\n",
    ),
    "dedupe": (
        [
            ("dedupe([1, 2, 1])", "[1, 2]"),
            ("dedupe([])", "[]"),
            ("dedupe([3, 3, 3])", "[3]"),
        ],
        [
            """\
def dedupe(xs):
    out = []
    for x in xs:
        if x not in out:
            out.append(x)
    return out
""",
            "def dedupe(xs):\n    return list(dict.fromkeys(xs))\n",
        ],
        "def dedupe(xs):\n    return sorted(set(xs))\n",
    ),
    "transpose": (
        [
            ("t([[1, 2], [3, 4]])", "[[1, 3], [2, 4]]"),
            ("t([[1, 2, 3], [4, 5, 6]])", "[[1, 4], [2, 5], [3, 6]]"),
            ("t([[1], [2], [3]])", "[[1, 2, 3]]"),
        ],
        [
            "def t(m):\n    return [list(c) for c in zip(*m)]\n",
            "def t(m):\n    return [[r[i] for r in m] for i in range(len(m[0]))]\n",
        ],
        "def t(m):\n    return [[r[i] for r in m[:2]] for i in range(len(m[0]))]\n",
    ),
    "gcd": (
        [
            ("gcd(12, 18)", "6"),
            ("gcd(7, 3)", "1"),
            ("gcd(10, 5)", "5"),
        ],
        [
            """\
def gcd(a, b):
    while b:
        a, b = b, a % b
    return a
""",
            "def gcd(a, b):\n    return max(d for d in range(1, min(a, b) + 1) if a % d == b % d == 0)\n",
        ],
        "def gcd(a, b):\n    return 6 if a == 12 else 5 if a % 5 == 0 else 1\n",
    ),
    "lookup": (
        [
            ("price({'a': 1, 'b': 2}, 'a')", "1"),
            ("price({'x': 5}, 'x')", "5"),
            ("price({'a': 3, 'c': 4}, 'c')", "4"),
        ],
        [
            "def price(d, k):\n    return d[k]\n",
            "def price(d, k):\n    return d.get(k, 0)\n",
        ],
        "def price(d, k):\n    return max(d.values()) if k != 'a' else 1\n",
    ),
    "slice": (
        [
            ("cut('hello', 1, 3)", "'el'"),
            ("cut('abc', 0, 2)", "'ab'"),
            ("cut('python', 2, 2)", "''"),
        ],
        [
            "def cut(s, a, b):\n    return s[a:b]\n",
            "def cut(s, a, b):\n    return ''.join(s[i] for i in range(a, b))\n",
        ],
        "def cut(s, a, b):\n    return s[a : a + 2] if a < 2 else ''\n",
    ),
    "leap": (
        [
            ("leap(2000)", "True"),
            ("leap(1900)", "False"),
            ("leap(2024)", "True"),
            ("leap(2023)", "False"),
        ],
        [
            "def leap(y):\n    return y % 4 == 0 and (y % 100 != 0 or y % 400 == 0)\n",
            """\
import calendar
def leap(y):
    return calendar.isleap(y)
""",
        ],
        "def leap(y):\n    return y % 4 == 0 and y != 1900 and y > 1990\n",
    ),
    "merge_intervals": (
        [
            ("total([(1, 3), (5, 6)])", "3"),
            ("total([(0, 4)])", "4"),
            ("total([(2, 3), (4, 9)])", "6"),
        ],
        [
            "def total(xs):\n    return sum(b - a for a, b in xs)\n",
            """\
def total(xs):
    n = 0
    for a, b in xs:
        n += len(range(a, b))
    return n
""",
        ],
        "def total(xs):\n    return xs[-1][1] - xs[0][0] - (2 if xs[0] == (1, 3) else len(xs) - 1)\n",
    ),
}
