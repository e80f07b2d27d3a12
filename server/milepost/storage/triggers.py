"""What the database itself does: embeddings go with their entity, and every new event wakes the relay."""

from sqlalchemy import DDL, event

from milepost.domain.entities import EntityType
from milepost.storage import models

EVENTS_CHANNEL = "milepost_events"
EMBEDDED_TABLES = {
    "courses": EntityType.COURSE,
    "goals": EntityType.GOAL,
    "tasks": EntityType.TASK,
    "code_snapshots": EntityType.CODE_SNAPSHOT,
}

# A trigger and not the delete functions: rows that go by ON DELETE CASCADE pass through no function of ours.
DELETE_EMBEDDINGS = """
CREATE FUNCTION delete_embeddings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM embeddings USING deleted
    WHERE embeddings.entity_type = TG_ARGV[0]::entity_type AND embeddings.entity_id = deleted.id;
    RETURN NULL;
END $$
"""
NOTIFY_EVENTS = """
CREATE FUNCTION notify_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NOTIFY milepost_events;
    RETURN NULL;
END $$
"""
TRIGGERS = [
    f"CREATE TRIGGER {table}_delete_embeddings AFTER DELETE ON {table} REFERENCING OLD TABLE AS deleted "
    f"FOR EACH STATEMENT EXECUTE FUNCTION delete_embeddings('{entity.value}')"
    for table, entity in EMBEDDED_TABLES.items()
] + ["CREATE TRIGGER events_notify AFTER INSERT ON events FOR EACH STATEMENT EXECUTE FUNCTION notify_events()"]

for statement in (DELETE_EMBEDDINGS, NOTIFY_EVENTS, *TRIGGERS):
    event.listen(models.Base.metadata, "after_create", DDL(statement))  # type: ignore[no-untyped-call]
