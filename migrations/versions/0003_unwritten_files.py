"""Files of the archive that were begun: one note of each, so that its events need not be marked again at its end."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute(
        """CREATE TABLE unwritten_files (
            path text CONSTRAINT pk_unwritten_files PRIMARY KEY,
            created_at timestamptz NOT NULL DEFAULT now()
        )"""
    )
