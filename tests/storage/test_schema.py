"""The schema: one in the models, one in the migrations, both the same."""

import ast
import re

import pytest
from sqlalchemy import text

from milepost.domain.entities import CourseStatus, EntityType, GoalStatus, Priority, TaskStatus, TaskType
from milepost.domain.events import EventType
from milepost.storage import migrate, models, triggers
from milepost.storage.engine import Database
from tests.fixtures import catalog

TABLES = {
    "users",
    "courses",
    "goals",
    "tasks",
    "events",
    "embeddings",
    "code_snapshots",
    "checkpoints",
    "unwritten_files",
}


@pytest.fixture
async def from_models(bare_database_url):
    """Give a database whose tables the models made."""
    database = Database.connect(bare_database_url)
    async with database.connection() as connection:
        await connection.run_sync(models.Base.metadata.create_all)
    yield database
    await database.dispose()


async def test_models_equal_migrations(from_models, database):
    """Columns, defaults, constraints, enums, operator classes, predicates, triggers and functions are the same."""
    made, migrated = await catalog.describe(from_models), await catalog.describe(database)
    assert len(migrated) > 150
    assert sorted(made - migrated) == []
    assert sorted(migrated - made) == []


INDEX = "idx_embeddings_embedding_milepost_structural_1"
DIFFERENCES = {
    "enum": "ALTER TYPE priority ADD VALUE 'NEVER'",
    "predicate": "DROP INDEX idx_events_created_at; CREATE INDEX idx_events_created_at ON events (created_at)",
    "operator class": f"""DROP INDEX {INDEX}; CREATE INDEX {INDEX} ON embeddings
        USING hnsw ((embedding::vector(384)) vector_l2_ops) WHERE model = 'milepost-structural-1'""",
    "default": "ALTER TABLE goals ALTER COLUMN status SET DEFAULT 'BLOCKED'",
    "on delete": """ALTER TABLE tasks DROP CONSTRAINT fk_tasks_goal_id_goals;
        ALTER TABLE tasks ADD CONSTRAINT fk_tasks_goal_id_goals FOREIGN KEY (goal_id) REFERENCES goals""",
    "check": "ALTER TABLE courses DROP CONSTRAINT ck_courses_progress_percentage",
    "trigger": "DROP TRIGGER events_notify ON events",
}


@pytest.mark.parametrize("change", DIFFERENCES.values(), ids=DIFFERENCES.keys())
async def test_the_comparison_notices_what_alembic_misses(database, change):
    """Each small difference changes the description of the catalog."""
    before = await catalog.describe(database)
    async with database.connection() as connection:
        for statement in change.split(";"):
            await connection.execute(text(statement))
    assert await catalog.describe(database) != before


def test_the_tables_are_there():
    """The models have the seven tables of the design, the checkpoints of graphs, the files to be written, and no other."""
    assert set(models.Base.metadata.tables) == TABLES


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("course_status", CourseStatus),
        ("goal_status", GoalStatus),
        ("priority", Priority),
        ("task_type", TaskType),
        ("task_status", TaskStatus),
        ("entity_type", EntityType),
        ("event_type", EventType),
    ],
)
async def test_enums_have_the_values_of_the_domain(database, name, kind):
    async with database.connection() as connection:
        labels = await connection.scalar(text(f"SELECT enum_range(NULL::{name})::text[]"))
    assert labels == [member.value for member in kind]


async def test_indexes_are_named_after_table_and_columns(database):
    """Every index but those of primary keys is called idx_<table>_<columns>."""
    async with database.connection() as connection:
        names = (
            await connection.execute(text("SELECT tablename, indexname FROM pg_indexes WHERE schemaname = 'public'"))
        ).all()
    wrong = [name for table, name in names if not re.match(rf"idx_{table}_\w+|pk_{table}$|alembic_version_pkc", name)]
    assert len(names) > 20
    assert wrong == []


async def test_every_foreign_key_has_an_index_and_says_what_a_delete_does(database):
    query = """
        SELECT conrelid::regclass::text, a.attname, confdeltype::text, EXISTS (
            SELECT FROM pg_index WHERE indrelid = conrelid AND indkey[0] = conkey[1])
        FROM pg_constraint JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = conkey[1]
        WHERE contype = 'f'"""
    async with database.connection() as connection:
        found = {
            (table, column): (action, indexed)
            for table, column, action, indexed in await connection.execute(text(query))
        }
    cascade, set_null = ("c", True), ("n", True)
    owned = {(table, "user_id"): cascade for table in TABLES - {"users", "unwritten_files"}}
    assert found == owned | {
        ("goals", "course_id"): cascade,
        ("tasks", "goal_id"): cascade,
        ("code_snapshots", "task_id"): set_null,
    }


async def test_ids_are_time_ordered(database):
    """PostgreSQL 18 makes version 7 ids."""
    async with database.connection() as connection:
        made = await connection.scalar(
            text("INSERT INTO users (email, username) VALUES ('a@b.c', 'a') RETURNING uuid_extract_version(id)")
        )
    assert made == 7


def test_migrations_import_no_application_code():
    """A migration says what it does by itself: the application it once belonged to may be gone."""
    for script in (migrate.scripts_folder() / "versions").glob("*.py"):
        modules = [
            name
            for node in ast.walk(ast.parse(script.read_text()))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in ([node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
        ]
        assert modules
        assert not [name for name in modules if name.startswith("milepost")]


def test_triggers_cover_every_entity_that_is_embedded():
    """Whatever the constraint on embeddings allows has a trigger that deletes its embeddings."""
    allowed = {"goal", "task", "course", "code_snapshot"}
    assert {entity.value for entity in triggers.EMBEDDED_TABLES.values()} == allowed
