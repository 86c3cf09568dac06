"""The library's entries and tags, jobs and workers, keys and people, answers given to repeated requests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_UNFINISHED = sa.text("state IN ('queued', 'running')")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "entries",
        sa.Column("id", sa.String(80), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("added", sa.String(32), nullable=False),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("path", sa.Text),
        sa.Column("size", sa.BigInteger),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("message", sa.Text),
        sa.Column("title", sa.Text),
        sa.Column("artist", sa.Text),
        sa.Column("duration", sa.Float(53)),
        sa.Column("bpm", sa.Float(53)),
        sa.Column("key", sa.String(4)),
        sa.Column("speech", sa.Float(53)),
        sa.Column("shown", sa.Text, nullable=False),
        sa.Column("search", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("said", sa.String(32)),
        sa.Column("timeline", sa.String(64)),
        sa.Column("job", sa.String(40)),
        sa.Column("card", sa.Text, nullable=False),
    )
    op.create_index("entries_by_age", "entries", ["added", "id"])
    op.create_index("entries_by_status", "entries", ["status"])
    op.create_table(
        "tags",
        sa.Column(
            "recording", sa.String(80), sa.ForeignKey("entries.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("tag", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("recording", "tag", name="a_tag_once"),
    )
    op.create_index("tags_by_name", "tags", ["tag"])
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("recording", sa.String(80), nullable=False),
        sa.Column("time", sa.String(32), nullable=False),
        sa.Column("open", sa.Integer, nullable=False),
        sa.Column("blobs", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_index("erasures_by_recording", "erasures", ["recording"])
    _allow_erasure()
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("queue", sa.String(20), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("created", sa.String(32), nullable=False),
        sa.Column("due", sa.String(32), nullable=False),
        sa.Column("started", sa.String(32)),
        sa.Column("finished", sa.String(32)),
        sa.Column("lease", sa.String(32)),
        sa.Column("worker", sa.String(80)),
        sa.Column("stop", sa.Integer, nullable=False),
        sa.Column("stage", sa.Text),
        sa.Column("share", sa.Float(53), nullable=False),
        sa.Column("remaining", sa.Float(53)),
        sa.Column("message", sa.Text),
        sa.Column("result", sa.Text),
    )
    op.create_index(
        "one_unfinished_job", "jobs", ["kind", "key"], unique=True,
        sqlite_where=_UNFINISHED, postgresql_where=_UNFINISHED,
    )  # fmt: skip
    op.create_index("jobs_by_state", "jobs", ["state", "queue", "due"])
    op.create_index("jobs_by_key", "jobs", ["key"])
    op.create_table(
        "workers",
        sa.Column("id", sa.String(80), primary_key=True),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("queues", sa.Text, nullable=False),
        sa.Column("started", sa.String(32), nullable=False),
        sa.Column("seen", sa.String(32), nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("job", sa.String(40)),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("scope", sa.String(12), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("created", sa.String(32), nullable=False),
        sa.Column("expires", sa.String(32)),
        sa.Column("used", sa.String(32)),
        sa.Column("revoked", sa.String(32)),
    )
    op.create_table(
        "people",
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("role", sa.String(12), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("time", sa.String(32), nullable=False),
    )
    op.create_table(
        "answers",
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("time", sa.String(32), nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("headers", sa.Text),
        sa.Column("body", sa.Text),
        sa.PrimaryKeyConstraint("who", "key", name="one_answer_a_key"),
    )


# --- the one exception to "only ever added" ----------------------------------------------------------

_OF_RECORDINGS = ("revisions", "scorings", "ratings")
_DELETABLE = ("revisions", "contents", "revision_contents", "scorings", "ratings")


def _allow_erasure() -> None:
    """Let the rows of a recording be deleted, and its audit lose its details, while it is being erased.

    Contents may go while anything is being erased; that others use them is kept from happening by their keys.
    """
    if op.get_bind().dialect.name == "postgresql":
        _allow_in_postgresql()
        return
    being_erased = "EXISTS (SELECT 1 FROM erasures WHERE open = 1 AND recording = {})"
    about = dict.fromkeys(_OF_RECORDINGS, being_erased.format("OLD.recording"))
    about["contents"] = "EXISTS (SELECT 1 FROM erasures WHERE open = 1)"
    about["revision_contents"] = being_erased.format(
        "(SELECT recording FROM revisions WHERE id = OLD.revision)"
    )
    for table, allowed in about.items():
        _replace_in_sqlite(table, "DELETE", allowed)
    kept = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in ("id", "time", "who", "what", "recording"))
    _replace_in_sqlite(
        "audit", "UPDATE", f"{being_erased.format('OLD.recording')} AND NEW.detail = '' AND {kept}"
    )


def _replace_in_sqlite(table: str, change: str, allowed: str) -> None:
    op.execute(f"DROP TRIGGER {table}_no_{change.lower()}")
    op.execute(
        f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} WHEN NOT ({allowed}) "
        f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are only ever added'); END"
    )


def _allow_in_postgresql() -> None:
    op.execute(
        """
        CREATE FUNCTION refuse_unless_erased() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
          about text;
          was jsonb := to_jsonb(OLD);
        BEGIN
          IF TG_TABLE_NAME = 'revision_contents' THEN
            SELECT recording INTO about FROM revisions WHERE id = (was->>'revision')::integer;
          ELSIF TG_TABLE_NAME = 'contents' THEN
            SELECT recording INTO about FROM erasures WHERE open = 1 LIMIT 1;
          ELSE
            about := was->>'recording';
          END IF;
          IF EXISTS (SELECT 1 FROM erasures WHERE open = 1 AND recording = about) THEN
            IF TG_OP = 'DELETE' AND TG_TABLE_NAME <> 'audit' THEN
              RETURN OLD;
            END IF;
            IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'audit'
               AND to_jsonb(NEW) = was || '{"detail": ""}'::jsonb THEN
              RETURN NEW;
            END IF;
          END IF;
          RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME;
        END $$
        """
    )
    for table in (*_DELETABLE, "audit"):
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_unless_erased()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
