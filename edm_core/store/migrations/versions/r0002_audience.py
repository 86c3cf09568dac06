"""Scorings of the audience, what people say of the same items, and calibrations fitted on that."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_APPEND_ONLY = ("scorings", "ratings", "calibrations")


def upgrade() -> None:
    """Make the tables, and let nobody change what is in them."""
    op.create_table(
        "scorings",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("recording", sa.String(80), sa.ForeignKey("recordings.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("parent", sa.Integer),
        sa.Column("time", sa.String(32), nullable=False),
        sa.Column("scorer", sa.Text, nullable=False),
        sa.Column("personas", sa.Text, nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("scored", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("reactions", sa.String(64), sa.ForeignKey("contents.digest"), nullable=False),
        sa.Column("request", sa.String(64), unique=True),
        sa.UniqueConstraint("recording", "number", name="one_scoring_of_a_number"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "ratings",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("recording", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("start", sa.Float(53), nullable=False),
        sa.Column("end", sa.Float(53), nullable=False),
        sa.Column("rater", sa.String(200), nullable=False),
        sa.Column("score", sa.Integer),
        sa.Column("heard", sa.String(64), nullable=False),
        sa.Column("persona", sa.String(64), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("time", sa.String(32), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ratings_by_recording", "ratings", ["recording"])
    op.create_table(
        "calibrations",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("time", sa.String(32), nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("scorer", sa.String(200), nullable=False),
        sa.Column("document", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_index("calibrations_by_scorer", "calibrations", ["scorer"])
    for table in _APPEND_ONLY:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
            continue
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are only ever added'); END"
            )
