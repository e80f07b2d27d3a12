"""Graphs that wait for their user: the checkpoint from which each goes on."""

from alembic import op
from sqlalchemy import text

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    version = op.get_bind().execute(text("SELECT current_setting('server_version_num')::int")).scalar_one()
    new_id = "uuidv7()" if version >= 180000 else "gen_random_uuid()"  # noqa: PLR2004 - PostgreSQL 18 brings it.
    op.execute(
        f"""CREATE TABLE checkpoints (
            id uuid CONSTRAINT pk_checkpoints PRIMARY KEY DEFAULT {new_id},
            user_id uuid NOT NULL CONSTRAINT fk_checkpoints_user_id_users REFERENCES users ON DELETE CASCADE,
            thread text NOT NULL,
            namespace text NOT NULL,
            checkpoint text NOT NULL,
            content bytea NOT NULL,
            writes bytea,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now()
        )"""
    )
    op.execute(
        "CREATE UNIQUE INDEX idx_checkpoints_user_id_thread_namespace ON checkpoints (user_id, md5(thread), namespace)"
    )
