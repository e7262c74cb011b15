"""Transactions on Postgres: one short connection each, so nothing is shared with the worker's forked children."""
from contextlib import contextmanager
from pathlib import Path

import psycopg2

from app import settings

SCHEMA = Path(__file__).with_name("schema.sql")


@contextmanager
def transaction():
    """A cursor; committed at the end of the block, rolled back by an exception."""
    connection = psycopg2.connect(
        settings.DATABASE_URL, connect_timeout=5, options="-c statement_timeout=30000", application_name="recordings"
    )
    try:
        with connection, connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def prepare():
    """Makes the table where it is missing; API and worker may start at once, so one of them waits."""
    with transaction() as db:
        db.execute("SELECT pg_advisory_xact_lock(hashtext('recordings schema'))")
        db.execute(SCHEMA.read_text(encoding="utf-8"))
