"""The tables of the store, as SQLAlchemy Core sees them; how they came about is in ``migrations``.

Text is plain text and JSON is text that holds JSON, so that numbers come back as they went in on every
database. Times are ISO 8601 in UTC with microseconds; they sort as text. ``recording`` is a recording's id,
``author`` a name as :func:`edm_core.store.revisions.author_of` returns it.

Rows of the tables in :data:`APPEND_ONLY` are never changed or deleted: triggers refuse it, but for rows of
the recording that is being erased (:mod:`edm_core.store.erasure`).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()

APPEND_ONLY = (
    "revisions",
    "contents",
    "revision_contents",
    "audit",
    "scorings",
    "ratings",
    "calibrations",
)
"""Tables whose rows stay as they were written."""

recordings = Table(
    "recordings",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("duration", Float(53), nullable=False),  # seconds
    Column("title", Text),
    Column("artist", Text),
    Column("path", Text),  # or name, as it was first given
)

contents = Table(
    "contents",
    metadata,
    Column("digest", String(64), primary_key=True),  # SHA-256 of kind and items
    Column("kind", String(20), nullable=False),  # a field of Annotation, or ``reactions``
    Column("items", Text, nullable=False),  # JSON
)

revisions = Table(
    "revisions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),  # in the order in which they were saved
    Column("recording", String(80), ForeignKey("recordings.id"), nullable=False),
    Column("author", String(200), nullable=False),
    Column("number", Integer, nullable=False),  # counts up from 1 within recording and author
    Column("parent", Integer),
    Column("time", String(32), nullable=False),
    Column("tool", Text, nullable=False),
    Column("tier", String(20)),
    Column("confidence", Float(53)),
    Column("flags", Text, nullable=False),  # JSON
    Column("verified_by", Text),
    Column("note", Text, nullable=False),  # on the revision
    Column("notes", Text),  # on the recording, part of the annotation
    Column("created", String(64)),
    Column("subject", Text, nullable=False),  # JSON of the annotation's Subject
    Column("digest", String(64), nullable=False),  # SHA-256 of all that counts as its content
    Column("summary", Text, nullable=False),
    UniqueConstraint("recording", "author", "number", name="one_revision_of_a_number"),
    Index("revisions_by_author", "author"),
    sqlite_autoincrement=True,
)

revision_contents = Table(
    "revision_contents",
    metadata,
    Column("revision", Integer, ForeignKey("revisions.id"), nullable=False),
    Column("digest", String(64), ForeignKey("contents.digest"), nullable=False),
    PrimaryKeyConstraint("revision", "digest", name="contents_once_a_revision"),
)

drafts = Table(
    "drafts",
    metadata,
    Column("recording", String(80), nullable=False),
    Column("author", String(200), nullable=False),
    Column("base", Integer),  # the revision that is being edited
    Column("document", Text, nullable=False),  # JSON of the annotation
    Column("time", String(32), nullable=False),
    PrimaryKeyConstraint("recording", "author", name="one_draft_a_line"),
)

assignments = Table(
    "assignments",
    metadata,
    Column("recording", String(80), nullable=False),
    Column("author", String(200), nullable=False),  # who is to annotate it
    Column("by", String(200), nullable=False),  # who said so
    Column("time", String(32), nullable=False),
    Column("pass", Integer, nullable=False),  # 1 the first, 2 blind, 3 unaided
    Column("done", String(32)),  # when; null while it is open
    PrimaryKeyConstraint("recording", "author", name="one_assignment_a_line"),
    Index("assignments_by_author", "author"),
)

presence = Table(
    "presence",
    metadata,
    Column("recording", String(80), nullable=False),
    Column("author", String(200), nullable=False),
    Column("time", String(32), nullable=False),
    PrimaryKeyConstraint("recording", "author", name="one_presence_a_line"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("time", String(32), nullable=False),
    Column("who", String(200), nullable=False),
    Column("what", String(40), nullable=False),
    Column("recording", String(80)),
    Column("detail", Text, nullable=False),
    Index("audit_by_recording", "recording"),
    sqlite_autoincrement=True,
)

scorings = Table(
    "scorings",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("recording", String(80), ForeignKey("recordings.id"), nullable=False),
    Column("number", Integer, nullable=False),  # counts up from 1 within the recording
    Column("parent", Integer),
    Column("time", String(32), nullable=False),
    Column("scorer", Text, nullable=False),  # name and version
    Column("personas", Text, nullable=False),  # JSON: version by id of those that were asked
    Column("who", String(200), nullable=False),  # who asked them; empty: nobody said
    Column("note", Text, nullable=False),
    Column("scored", Integer, nullable=False),  # reactions with a score
    Column("total", Integer, nullable=False),
    Column("reactions", String(64), ForeignKey("contents.digest"), nullable=False),
    Column("request", String(64), unique=True),  # what asked for it, so that it is kept once
    UniqueConstraint("recording", "number", name="one_scoring_of_a_number"),
    sqlite_autoincrement=True,
)

ratings = Table(
    "ratings",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("recording", String(80), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("start", Float(53), nullable=False),  # seconds
    Column("end", Float(53), nullable=False),
    Column("rater", String(200), nullable=False),
    Column("score", Integer),  # 1 to 5; null takes an earlier one back
    Column("heard", String(64), nullable=False),
    Column("persona", String(64), nullable=False),
    Column("note", Text, nullable=False),
    Column("time", String(32), nullable=False),  # when it was given, which may be before it came here
    Index("ratings_by_recording", "recording"),
    sqlite_autoincrement=True,
)

calibrations = Table(
    "calibrations",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("time", String(32), nullable=False),
    Column("who", String(200), nullable=False),
    Column("scorer", String(200), nullable=False),  # name and version
    Column("document", Text),  # JSON; null: none holds any more
    Index("calibrations_by_scorer", "scorer"),
    sqlite_autoincrement=True,
)

entries = Table(
    "entries",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("name", Text, nullable=False),  # as its giver called it; only shown
    Column("added", String(32), nullable=False),
    Column("owner", String(200), nullable=False),  # who gave it; empty: nobody said
    Column("path", Text),  # where it lies, if it was added from a folder
    Column("size", BigInteger),  # bytes
    Column("status", String(20), nullable=False),
    Column("message", Text),
    Column("title", Text),
    Column("artist", Text),
    Column("duration", Float(53)),  # seconds
    Column("bpm", Float(53)),
    Column("key", String(4)),  # on the Camelot wheel
    Column("speech", Float(53)),  # share of the duration
    Column("shown", Text, nullable=False),  # title or name, case-folded, to sort by
    Column("search", Text, nullable=False),  # all words that a search looks at, case-folded
    Column("revision", Integer, nullable=False),  # grows with every analysis
    Column("said", String(32)),  # when people last saved what they say of it, as far as the card shows it
    Column("timeline", String(64)),  # SHA-256 of the newest analysis, which lies among the blobs
    Column("job", String(40)),  # which job made that
    Column("card", Text, nullable=False),  # JSON: what else a card shows; last, because it is long
    Index("entries_by_age", "added", "id"),
    Index("entries_by_status", "status"),
)

tags = Table(
    "tags",
    metadata,
    Column("recording", String(80), ForeignKey("entries.id", ondelete="CASCADE"), nullable=False),
    Column("tag", String(80), nullable=False),
    PrimaryKeyConstraint("recording", "tag", name="a_tag_once"),
    Index("tags_by_name", "tag"),
)

erasures = Table(
    "erasures",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("recording", String(80), nullable=False),
    Column("time", String(32), nullable=False),
    Column("open", Integer, nullable=False),  # 1 within the transaction that erases, seen by nobody else
    Column("blobs", Text),  # JSON: keys of blobs that are still to be deleted; null: none
    Index("erasures_by_recording", "recording"),
    sqlite_autoincrement=True,
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(40), primary_key=True),  # sorts by age
    Column("kind", String(40), nullable=False),
    Column("queue", String(20), nullable=False),
    Column("key", String(200), nullable=False),  # what it is about
    Column("payload", Text, nullable=False),  # JSON, without settings or secrets
    Column("who", String(200), nullable=False),  # who asked for it; empty: nobody said
    Column("state", String(12), nullable=False),
    Column("priority", Integer, nullable=False),  # larger goes first
    Column("attempt", Integer, nullable=False),  # counts the starts, and fences what a start may write
    Column("failures", Integer, nullable=False),  # starts that broke; what was only interrupted is none
    Column("created", String(32), nullable=False),
    Column("due", String(32), nullable=False),  # not before
    Column("started", String(32)),
    Column("finished", String(32)),
    Column("lease", String(32)),  # until when whoever does it is taken to be alive
    Column("worker", String(80)),  # who does it
    Column("stop", Integer, nullable=False),  # 1: somebody wants it stopped
    Column("stage", Text),
    Column("share", Float(53), nullable=False),
    Column("remaining", Float(53)),  # seconds
    Column("message", Text),
    Column("result", Text),  # JSON: where the result lies
    # At most one unfinished job of a kind and key.
    Index(
        "one_unfinished_job",
        "kind",
        "key",
        unique=True,
        sqlite_where=text("state IN ('queued', 'running')"),
        postgresql_where=text("state IN ('queued', 'running')"),
    ),
    Index("jobs_by_state", "state", "queue", "due"),
    Index("jobs_by_key", "key"),
)

workers = Table(
    "workers",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("queues", Text, nullable=False),  # JSON
    Column("started", String(32), nullable=False),
    Column("seen", String(32), nullable=False),
    Column("done", Integer, nullable=False),  # jobs that it brought to an end
    Column("job", String(40)),  # what it is at
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(16), primary_key=True),  # stands in the key, and in the log
    Column("name", String(200), nullable=False),
    Column("digest", String(64), nullable=False),  # SHA-256 of the whole key
    Column("scope", String(12), nullable=False),  # read, annotate or admin
    Column("by", String(200), nullable=False),
    Column("created", String(32), nullable=False),
    Column("expires", String(32)),
    Column("used", String(32)),  # about when it was last used
    Column("revoked", String(32)),
)

people = Table(
    "people",
    metadata,
    Column("name", String(200), primary_key=True),  # as who they sign in
    Column("role", String(12), nullable=False),  # read, annotate or admin
    Column("by", String(200), nullable=False),
    Column("time", String(32), nullable=False),
)

answers = Table(
    "answers",
    metadata,
    Column("who", String(200), nullable=False),
    Column("key", String(200), nullable=False),  # the request's Idempotency-Key
    Column("request", String(64), nullable=False),  # SHA-256 of method, address and body
    Column("time", String(32), nullable=False),
    Column("status", Integer),  # null while it is being answered
    Column("headers", Text),  # JSON
    Column("body", Text),
    PrimaryKeyConstraint("who", "key", name="one_answer_a_key"),
)
