"""The seven tables, their enums, indexes and triggers."""

from alembic import op
from sqlalchemy import text

revision = "0001"
down_revision = None

ENUMS = {
    "course_status": "DRAFT ACTIVE COMPLETED ARCHIVED",
    "goal_status": "PENDING IN_PROGRESS COMPLETED BLOCKED CANCELLED",
    "priority": "LOW MEDIUM HIGH URGENT",
    "task_type": "CODE DOCUMENTATION TESTING RESEARCH REVIEW DEPLOYMENT OTHER",
    "task_status": "TODO IN_PROGRESS IN_REVIEW COMPLETED FAILED SKIPPED",
    "entity_type": "user course goal task code_snapshot system",
    "event_type": (
        "user.created user.updated user.login user.logout "
        "course.created course.updated course.started course.completed course.archived "
        "goal.created goal.updated goal.started goal.completed goal.blocked goal.cancelled "
        "task.created task.updated task.started task.completed task.validated task.failed task.skipped "
        "code.submitted code.reviewed code.validated "
        "ai.feedback_generated ai.goal_suggested ai.validation_completed ai.fix_offered ai.fix_applied "
        "ai.feedback_accepted ai.feedback_dismissed "
        "system.started system.stopped system.degraded system.error"
    ),
}

# {id} is the column of the primary key, {owner} the one of the user, {times} those of rows that change.
TABLES = {
    "users": """
        {id},
        email text NOT NULL,
        username text NOT NULL,
        hashed_password text,
        full_name text NOT NULL DEFAULT '',
        is_active boolean NOT NULL DEFAULT true,
        is_superuser boolean NOT NULL DEFAULT false,
        last_login_at timestamptz,
        metadata jsonb NOT NULL DEFAULT '{{}}',
        {times}
    """,
    "courses": """
        {id},
        {owner},
        title text NOT NULL,
        description text NOT NULL DEFAULT '',
        status course_status NOT NULL DEFAULT 'DRAFT',
        progress_percentage double precision NOT NULL DEFAULT 0,
        share_solutions boolean NOT NULL DEFAULT false,
        metadata jsonb NOT NULL DEFAULT '{{}}',
        {times},
        CONSTRAINT ck_courses_progress_percentage CHECK (progress_percentage BETWEEN 0 AND 100)
    """,
    "goals": """
        {id},
        {owner},
        course_id uuid CONSTRAINT fk_goals_course_id_courses REFERENCES courses ON DELETE CASCADE,
        title text NOT NULL,
        description text NOT NULL DEFAULT '',
        status goal_status NOT NULL DEFAULT 'PENDING',
        priority priority NOT NULL DEFAULT 'MEDIUM',
        ai_generated boolean NOT NULL DEFAULT false,
        validation_criteria jsonb NOT NULL DEFAULT '{{}}',
        progress_percentage double precision NOT NULL DEFAULT 0,
        due_date timestamptz,
        started_at timestamptz,
        completed_at timestamptz,
        metadata jsonb NOT NULL DEFAULT '{{}}',
        {times},
        CONSTRAINT ck_goals_progress_percentage CHECK (progress_percentage BETWEEN 0 AND 100)
    """,
    "tasks": """
        {id},
        {owner},
        goal_id uuid NOT NULL CONSTRAINT fk_tasks_goal_id_goals REFERENCES goals ON DELETE CASCADE,
        title text NOT NULL,
        description text NOT NULL DEFAULT '',
        task_type task_type NOT NULL DEFAULT 'CODE',
        status task_status NOT NULL DEFAULT 'TODO',
        position integer NOT NULL DEFAULT 0,
        files text[] NOT NULL DEFAULT '{{}}',
        contract jsonb NOT NULL,
        validation_result jsonb,
        ai_feedback text NOT NULL DEFAULT '',
        estimated_hours double precision,
        actual_hours double precision,
        completed_at timestamptz,
        metadata jsonb NOT NULL DEFAULT '{{}}',
        {times}
    """,
    "events": """
        {id},
        {owner},
        event_type event_type NOT NULL,
        entity_type entity_type NOT NULL,
        entity_id uuid,
        payload jsonb NOT NULL DEFAULT '{{}}',
        metadata jsonb NOT NULL DEFAULT '{{}}',
        schema_version smallint NOT NULL DEFAULT 1,
        parquet_path text,
        created_at timestamptz NOT NULL DEFAULT now(),
        published_at timestamptz
    """,
    "embeddings": """
        {id},
        {owner},
        entity_type entity_type NOT NULL,
        entity_id uuid NOT NULL,
        content text NOT NULL,
        content_hash text NOT NULL,
        model text NOT NULL,
        embedding vector NOT NULL,
        metadata jsonb NOT NULL DEFAULT '{{}}',
        {times},
        CONSTRAINT ck_embeddings_entity_type CHECK (entity_type IN ('goal', 'task', 'course', 'code_snapshot'))
    """,
    "code_snapshots": """
        {id},
        {owner},
        task_id uuid CONSTRAINT fk_code_snapshots_task_id_tasks REFERENCES tasks ON DELETE SET NULL,
        file_path text NOT NULL,
        language text NOT NULL,
        code_content text NOT NULL,
        content_hash text NOT NULL,
        lines_of_code integer NOT NULL,
        validation_passed boolean,
        validation_score double precision,
        validation_feedback jsonb,
        issues_found jsonb,
        trusted boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT ck_code_snapshots_validation_score CHECK (validation_score BETWEEN 0 AND 1)
    """,
}

TIMES = "created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now()"

INDEXES = """
CREATE UNIQUE INDEX idx_users_email ON users (email);
CREATE UNIQUE INDEX idx_users_username ON users (username);
CREATE INDEX idx_courses_user_id ON courses (user_id);
CREATE INDEX idx_goals_user_id ON goals (user_id);
CREATE INDEX idx_goals_course_id ON goals (course_id);
CREATE INDEX idx_tasks_user_id ON tasks (user_id);
CREATE INDEX idx_tasks_goal_id ON tasks (goal_id);
CREATE INDEX idx_events_user_id_created_at ON events (user_id, created_at);
CREATE INDEX idx_events_entity_type_entity_id_created_at ON events (entity_type, entity_id, created_at);
CREATE INDEX idx_events_event_type_created_at ON events (event_type, created_at);
CREATE INDEX idx_events_created_at ON events (created_at) WHERE published_at IS NULL;
CREATE INDEX idx_events_parquet_path ON events (parquet_path);
CREATE INDEX idx_embeddings_user_id ON embeddings (user_id);
CREATE UNIQUE INDEX idx_embeddings_entity_type_entity_id_model ON embeddings (entity_type, entity_id, model);
CREATE INDEX idx_embeddings_content ON embeddings USING gin ((
    to_tsvector('english', left(content, 50000)) || to_tsvector('spanish', left(content, 50000))
)) WHERE entity_type <> 'code_snapshot';
CREATE INDEX idx_embeddings_embedding_milepost_structural_1 ON embeddings
    USING hnsw ((embedding::vector(384)) vector_cosine_ops) WHERE model = 'milepost-structural-1';
CREATE INDEX idx_code_snapshots_user_id_language_created_at ON code_snapshots (user_id, language, created_at);
CREATE INDEX idx_code_snapshots_user_id_file_path_created_at ON code_snapshots (user_id, md5(file_path), created_at);
CREATE INDEX idx_code_snapshots_task_id_content_hash ON code_snapshots (task_id, content_hash)
"""

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

EMBEDDED_TABLES = {"courses": "course", "goals": "goal", "tasks": "task", "code_snapshots": "code_snapshot"}


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS vector")
    for name, values in ENUMS.items():
        labels = ", ".join(f"'{value}'" for value in values.split())
        op.execute(f"CREATE TYPE {name} AS ENUM ({labels})")
    for name, columns in TABLES.items():
        op.execute(_create_table(name, columns))
    for statement in INDEXES.split(";"):
        _run(statement)
    for statement in (DELETE_EMBEDDINGS, NOTIFY_EVENTS):
        _run(statement)
    for table, entity in EMBEDDED_TABLES.items():
        op.execute(
            f"CREATE TRIGGER {table}_delete_embeddings AFTER DELETE ON {table} REFERENCING OLD TABLE AS deleted "
            f"FOR EACH STATEMENT EXECUTE FUNCTION delete_embeddings('{entity}')"
        )
    op.execute(
        "CREATE TRIGGER events_notify AFTER INSERT ON events FOR EACH STATEMENT EXECUTE FUNCTION notify_events()"
    )


def _run(statement: str) -> None:
    # The casts' colons are no parameters.
    op.get_bind().exec_driver_sql(statement)


def _create_table(name: str, columns: str) -> str:
    version = op.get_bind().execute(text("SELECT current_setting('server_version_num')::int")).scalar_one()
    new_id = "uuidv7()" if version >= 180000 else "gen_random_uuid()"  # noqa: PLR2004 - PostgreSQL 18 brings it.
    primary_key = f"id uuid CONSTRAINT pk_{name} PRIMARY KEY DEFAULT {new_id}"
    owner = f"user_id uuid NOT NULL CONSTRAINT fk_{name}_user_id_users REFERENCES users ON DELETE CASCADE"
    return f"CREATE TABLE {name} ({columns.format(id=primary_key, owner=owner, times=TIMES)})"
