"""The columns of the archive."""

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pyarrow as pa
import pytest

from milepost.domain.events import EventType
from milepost.events import paths, schemas
from tests.events import samples

DESIGNED = {
    "EVENT_SCHEMA": "event_id event_type user_id entity_type entity_id payload metadata timestamp schema_version",
    "USER_EVENT_SCHEMA": "email username action ip_address user_agent",
    "GOAL_EVENT_SCHEMA": "goal_id title status priority course_id progress ai_generated",
    "TASK_EVENT_SCHEMA": ("task_id goal_id title task_type status validation_score estimated_hours actual_hours"),
    "CODE_EVENT_SCHEMA": (
        "code_snapshot_id task_id file_path language lines_of_code issues_count validation_passed validation_score"
    ),
    "AI_EVENT_SCHEMA": "agent_node model_used feedback_type tokens_used latency_ms",
}


@pytest.mark.parametrize("name", DESIGNED)
def test_a_schema_has_the_designed_fields(name):
    base = DESIGNED["EVENT_SCHEMA"].split()
    own = [] if name == "EVENT_SCHEMA" else DESIGNED[name].split()
    assert getattr(schemas, name).names == base + own


@pytest.mark.parametrize("kind", schemas.SCHEMAS)
def test_a_schema_and_its_dataclass_have_the_same_fields(kind):
    assert set(schemas.SCHEMAS[kind].names) == {field.name for field in dataclasses.fields(kind)}


def test_the_types_are_those_that_readers_rely_on():
    types = {field.name: str(field.type) for field in schemas.ARCHIVE_SCHEMA}
    other = {
        "timestamp": "timestamp[us, tz=UTC]",
        "schema_version": "int16",
        "lines_of_code": "int32",
        "issues_count": "int32",
        "tokens_used": "int64",
        "ai_generated": "bool",
        "validation_passed": "bool",
    } | dict.fromkeys(("progress", "validation_score", "estimated_hours", "actual_hours", "latency_ms"), "double")
    assert types == dict.fromkeys(types, "string") | other
    assert all(field.nullable for field in schemas.ARCHIVE_SCHEMA)
    assert not {"year", "month", "day"} & set(types)


@pytest.mark.parametrize("kind", list(EventType))
def test_every_type_of_event_fills_its_columns_and_no_other(kind):
    sample = samples.event(kind, uuid4(), payload={"note": "ñandú"})
    table = schemas.to_table([sample])
    assert table.schema.equals(schemas.ARCHIVE_SCHEMA)
    row = table.to_pylist()[0]
    assert row["event_type"] == kind.value
    assert row["event_id"] == str(sample.event_id)
    assert row["user_id"] == str(sample.user_id)
    assert row["entity_id"] is None
    assert row["timestamp"] == samples.NOON
    assert json.loads(row["payload"]) == {"note": "ñandú"}
    assert paths.kind_of(sample) in paths.KINDS


def test_own_columns_are_filled():
    task = uuid4()
    sample = samples.event(
        EventType.CODE_VALIDATED,
        uuid4(),
        task_id=task,
        file_path="año/🐍.py",
        lines_of_code=12,
        issues_count=0,
        validation_passed=False,
        validation_score=0.5,
    )
    row = schemas.to_table([sample]).to_pylist()[0]
    assert row["task_id"] == str(task)
    assert row["file_path"] == "año/🐍.py"
    assert (row["lines_of_code"], row["issues_count"]) == (12, 0)
    assert (row["validation_passed"], row["validation_score"]) == (False, 0.5)
    assert row["title"] is None


def test_a_value_that_fits_no_column_is_missing_and_takes_nothing_with_it():
    sample = samples.event(
        EventType.CODE_VALIDATED,
        uuid4(),
        lines_of_code=2**40,
        issues_count="many",
        validation_passed=1,
        validation_score=True,
        language="\ud800python\x00",
        payload={"text": "\udfff", "nan": float("nan"), "set": {1}, "when": datetime(2026, 1, 1, tzinfo=UTC)},
    )
    other = samples.event(EventType.USER_LOGIN, uuid4(), samples.NOON + timedelta(days=1), email="a@b.c")
    row, second = schemas.to_table([other, sample]).to_pylist()
    assert second["email"] == "a@b.c"
    assert [row[name] for name in ("lines_of_code", "issues_count", "validation_passed", "validation_score")] == [
        None
    ] * 4
    assert row["language"] == "\\ud800python\x00"
    payload = json.loads(row["payload"])
    assert payload["text"] == "\udfff"
    assert payload["set"] == "{1}"


def test_the_same_events_give_the_same_table_in_any_order():
    user = uuid4()
    several = [samples.event(EventType.TASK_STARTED, user) for _ in range(20)]
    assert schemas.to_table(several).equals(schemas.to_table(several[::-1]))


def test_no_events_give_an_empty_table():
    assert schemas.to_table([]).schema.equals(schemas.ARCHIVE_SCHEMA)


def test_a_whole_number_fits_a_column_of_fractions():
    sample = samples.event(EventType.GOAL_UPDATED, uuid4(), progress=50)
    assert schemas.to_table([sample]).to_pylist()[0]["progress"] == 50.0


def test_ids_are_strings_wherever_the_domain_has_ids():
    for kind, schema in schemas.SCHEMAS.items():
        for field in dataclasses.fields(kind):
            if field.name.endswith("_id"):
                assert schema.field(field.name).type == pa.string()
