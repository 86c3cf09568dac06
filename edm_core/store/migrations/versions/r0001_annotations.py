"""Recordings, revisions and their contents, drafts, assignments, presence, audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_APPEND_ONLY = ("revisions", "contents", "revision_contents", "audit")


def upgrade() -> None:
    """Make the tables, and let nobody change what is only ever added to."""
    op.create_table(
        "recordings",
        sa.Column("id", sa.String(80), primary_key=True),
        sa.Column("duration", sa.Float(53), nullable=False),
        sa.Column("title", sa.Text),
        sa.Column("artist", sa.Text),
        sa.Column("path", sa.Text),
    )
    op.create_table(
        "contents",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("items", sa.Text, nullable=False),
    )
    op.create_table(
        "revisions",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("recording", sa.String(80), sa.ForeignKey("recordings.id"), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("parent", sa.Integer),
        sa.Column("time", sa.String(32), nullable=False),
        sa.Column("tool", sa.Text, nullable=False),
        sa.Column("tier", sa.String(20)),
        sa.Column("confidence", sa.Float(53)),
        sa.Column("flags", sa.Text, nullable=False),
        sa.Column("verified_by", sa.Text),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("notes", sa.Text),
        sa.Column("created", sa.String(64)),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.UniqueConstraint("recording", "author", "number", name="one_revision_of_a_number"),
        sqlite_autoincrement=True,
    )
    op.create_index("revisions_by_author", "revisions", ["author"])
    op.create_table(
        "revision_contents",
        sa.Column("revision", sa.Integer, sa.ForeignKey("revisions.id"), nullable=False),
        sa.Column("digest", sa.String(64), sa.ForeignKey("contents.digest"), nullable=False),
        sa.PrimaryKeyConstraint("revision", "digest", name="contents_once_a_revision"),
    )
    op.create_table(
        "drafts",
        sa.Column("recording", sa.String(80), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("base", sa.Integer),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("time", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("recording", "author", name="one_draft_a_line"),
    )
    op.create_table(
        "assignments",
        sa.Column("recording", sa.String(80), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("time", sa.String(32), nullable=False),
        sa.Column("pass", sa.Integer, nullable=False),
        sa.Column("done", sa.String(32)),
        sa.PrimaryKeyConstraint("recording", "author", name="one_assignment_a_line"),
    )
    op.create_index("assignments_by_author", "assignments", ["author"])
    op.create_table(
        "presence",
        sa.Column("recording", sa.String(80), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("time", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("recording", "author", name="one_presence_a_line"),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("time", sa.String(32), nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("recording", sa.String(80)),
        sa.Column("detail", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("audit_by_recording", "audit", ["recording"])
    if op.get_bind().dialect.name == "postgresql":
        _forbid_in_postgresql()
    else:
        _forbid_in_sqlite()


def _forbid_in_sqlite() -> None:
    for table in _APPEND_ONLY:
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are only ever added'); END"
            )


def _forbid_in_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME; END $$"
    )
    for table in _APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
