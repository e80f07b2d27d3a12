"""Every text that an editor may hold comes back as it was."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from milepost.storage import escaping
from milepost.storage.models import Base

ANY_TEXT = st.text(st.characters(exclude_categories=()))
HARD_TEXTS = [
    "",
    "\x00",
    "a\x00b",
    "\ud800",
    "\udcff",
    "\ufdd0",
    "\ufdd0" + "0000",
    "\ufdd0zzzz",
    "ñ😀\u2028",
    "\\u0000",
]
ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | ANY_TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner),
)


@given(ANY_TEXT)
def test_escaping_loses_nothing(value):
    escaped = escaping.escape(value)
    assert escaping.unescape(escaped) == value
    assert "\x00" not in escaped
    escaped.encode()


@given(ANY_JSON)
def test_json_loses_nothing(value):
    dumped = escaping.dump_json(value)
    dumped.encode()
    assert escaping.load_json(dumped) == value


async def test_the_database_takes_them(database):
    """What was escaped goes through PostgreSQL unchanged, as text and as JSON."""
    async with database.begin() as session:
        await session.execute(text("CREATE TABLE held (id int, plain text, value jsonb)"))
        table = {column.name: column for column in Base.metadata.tables["tasks"].columns}
        insert = text("INSERT INTO held VALUES (:id, :plain, :value)").bindparams(
            _typed("plain", table["title"].type), _typed("value", table["contract"].type)
        )
        for number, hard in enumerate(HARD_TEXTS):
            await session.execute(insert, {"id": number, "plain": hard, "value": {hard: [hard]}})
        query = text("SELECT plain, value FROM held ORDER BY id").columns(
            plain=table["title"].type, value=table["contract"].type
        )
        found = [tuple(row) for row in await session.execute(query)]
    assert found == [(hard, {hard: [hard]}) for hard in HARD_TEXTS]


def _typed(name, kind):
    from sqlalchemy import bindparam

    return bindparam(name, type_=kind)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_has_not_become_words(number):
    assert escaping.load_json(escaping.dump_json({"score": number})) == {"score": str(number)}
