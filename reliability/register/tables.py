"""Tables of a register, as version 1 makes them; versions.py leads older ones here."""

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, String, Table, Text, UniqueConstraint

METADATA = MetaData()

# What the database says of itself: register and schema version.
ABOUT = Table(
    "about",
    METADATA,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
)

EVENTS = Table(
    "events",
    METADATA,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("case", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("at", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    Column("event", String, nullable=False),
    Column("previous", String, nullable=False),
    Column("before", String, nullable=False, unique=True),
    Column("hash", String, nullable=False, unique=True),
    # Whatever the program does: a case cannot fork, nor can the chain.
    UniqueConstraint("case", "previous"),
    Index("events_of_case", "case", "sequence"),
)

# Every file that a row brought: it is kept, or a crash is to be mended.
FILES = Table(
    "files",
    METADATA,
    Column("sha256", String, primary_key=True),
    Column("sequence", Integer, nullable=False),
)

NUMBERS = Table(
    "numbers",
    METADATA,
    Column("series", String, primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
)

CERTIFICATES = Table(
    "certificates",
    METADATA,
    Column("number", String, primary_key=True),
    Column("case", String, nullable=False, index=True),
    Column("due", String, index=True),
    Column("model_sha256", String, index=True),
    Column("pdf_sha256", String, nullable=False, index=True),
    Column("statement_sha256", String, nullable=False, index=True),
    Column("content", Text, nullable=False),
)

# Apart from the certificates, in the order of their numbers: a search inside names goes through all of them, and these
# are small.
LISTING = Table(
    "listing",
    METADATA,
    Column("number", String, primary_key=True),
    Column("status", String, nullable=False),
    Column("expires", String, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("system", Text, nullable=False),
    Column("everything", Text, nullable=False),
    sqlite_with_rowid=False,
)
