"""What all tests share."""

import os

# Commands speak the language of their terminal; the tests read what they say in English.
os.environ["LC_ALL"] = "C.UTF-8"

pytest_plugins = [
    "tests.fixtures.broker",
    "tests.fixtures.database",
    "tests.fixtures.objects",
    "tests.fixtures.sandbox",
]
