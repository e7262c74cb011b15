"""The SQL on `recordings`, one verb a function. Every write after the claim is fenced: only the task that holds the
row writes to it, and never while Unjam has a lease on it.

Unjam's workers keep their state in schema `unjam` of the same database. Row first, then lease: its locks are taken in
the same order, so the two never wait for each other.
"""
from dataclasses import dataclass

from app import settings
from app.database import transaction


@dataclass(frozen=True)
class Recording:
    id: str
    file_name: str
    file_path: str
    duration_seconds: float | None
    retry_count: int


def claim(recording_id, task_id):
    """Takes a queued recording; None when it is not queued any more, or Unjam works on it."""
    with transaction() as db:
        db.execute(
            """SELECT id::text, file_name, file_path, duration_seconds, retry_count
                 FROM recordings WHERE id = %s AND status = 'queued' FOR UPDATE SKIP LOCKED""",
            [recording_id],
        )
        row = db.fetchone()
        if row is None or _lease(db, recording_id) == "live":
            return None
        _drop_lease(db, recording_id)
        db.execute(
            """UPDATE recordings SET status = 'processing', task_id = %s, started_at = now(), completed_at = NULL,
                      updated_at = now() WHERE id = %s""",
            [task_id, recording_id],
        )
        return Recording(*row)


def beat(recording_id, task_id):
    """The heartbeat. False: the row is somebody else's now, and whatever is being done for it is in vain."""
    return _write(recording_id, task_id, "updated_at = now()")


def note_duration(recording_id, task_id, seconds):
    return _write(recording_id, task_id, "duration_seconds = %s, updated_at = now()", seconds)


def finish(recording_id, task_id, transcript):
    return _write(
        recording_id,
        task_id,
        """status = 'done', transcript = %s, error_message = NULL, task_id = NULL, completed_at = now(),
           updated_at = now()""",
        transcript,
    )


def skip(recording_id, task_id, reason):
    return _write(
        recording_id,
        task_id,
        "status = 'skipped', error_message = %s, task_id = NULL, completed_at = now(), updated_at = now()",
        reason,
    )


def fail(recording_id, task_id, error, *, final=False):
    """Ends an attempt: `queued` for another one, `failed` after the last; None when the row is not ours."""
    with transaction() as db:
        return _give_back(db, recording_id, error, final) if _ours(db, recording_id, task_id) else None


def recover_stuck():
    """Gives back what runs without a heartbeat; answers with (id, new status). All in one transaction, at one time."""
    minutes = settings.STUCK_SECONDS / 60
    with transaction() as db:
        db.execute(
            """SELECT id::text, error_message FROM recordings
                WHERE status = 'processing' AND updated_at < now() - %s * interval '1 second'
                ORDER BY id FOR UPDATE SKIP LOCKED""",
            [settings.STUCK_SECONDS],
        )
        recovered = []
        for recording_id, error in db.fetchall():
            if _lease(db, recording_id) == "live":
                continue
            _drop_lease(db, recording_id)
            # What an earlier attempt died of says more than that this one fell silent (runbook 1).
            error = error or f"Stuck: no heartbeat for {minutes:g} minutes"
            recovered.append((recording_id, _give_back(db, recording_id, error, False)))
        return recovered


def queued(limit):
    """Ids of recordings that wait and that Unjam has not taken, longest waiting first."""
    with transaction() as db:
        taken = "SELECT FROM unjam.lease WHERE recording = r.id::text AND state <> 'parked' AND expires_at > now()"
        db.execute(
            f"""SELECT id::text FROM recordings r
                 WHERE status = 'queued' {f"AND NOT EXISTS ({taken})" if _has_leases(db) else ""}
                 ORDER BY created_at, id LIMIT %s""",
            [limit],
        )
        return [recording_id for (recording_id,) in db.fetchall()]


def counts():
    with transaction() as db:
        db.execute("SELECT status, count(*) FROM recordings GROUP BY status")
        return {"queued": 0, "processing": 0, "done": 0, "failed": 0, "skipped": 0, **dict(db.fetchall())}


def _write(recording_id, task_id, changes, *values):
    with transaction() as db:
        ours = _ours(db, recording_id, task_id)
        if ours:
            db.execute(f"UPDATE recordings SET {changes} WHERE id = %s", [*values, recording_id])
        return ours


def _ours(db, recording_id, task_id):
    """Locks the row and answers whether this task may write to it."""
    db.execute(
        "SELECT FROM recordings WHERE id = %s AND status = 'processing' AND task_id = %s FOR UPDATE",
        [recording_id, task_id],
    )
    # A statement of its own: it must see a lease that was committed while the first one waited for the row.
    return db.rowcount == 1 and _lease(db, recording_id) is None


def _give_back(db, recording_id, error, final):
    """`retry_count` is the number of retries given; the attempt after the last one fails, with its own error."""
    db.execute(
        """UPDATE recordings
              SET status = CASE WHEN last THEN 'failed' ELSE 'queued' END,
                  retry_count = CASE WHEN last THEN retry_count ELSE retry_count + 1 END,
                  completed_at = CASE WHEN last THEN now() END,
                  error_message = %s, task_id = NULL, updated_at = now()
             FROM (SELECT %s OR retry_count >= %s AS last FROM recordings WHERE id = %s) AS attempt
            WHERE id = %s RETURNING status""",
        [error, final, settings.TASK_MAX_RETRIES, recording_id, recording_id],
    )
    return db.fetchone()[0]


def _lease(db, recording_id):
    """Unjam's lease: `live` while one of its workers holds it, `old` when parked or run out, None without one."""
    if not _has_leases(db):
        return None
    db.execute(
        "SELECT state <> 'parked' AND expires_at > now() FROM unjam.lease WHERE recording = %s FOR UPDATE",
        [recording_id],
    )
    row = db.fetchone()
    return None if row is None else "live" if row[0] else "old"


def _drop_lease(db, recording_id):
    """An old lease would let Unjam take the row back while it runs here."""
    if not _has_leases(db):
        return
    db.execute(
        """WITH dropped AS (DELETE FROM unjam.lease WHERE recording = %s RETURNING attempt)
           UPDATE unjam.attempt a SET outcome = 'released', ended_at = now()
             FROM dropped d WHERE a.id = d.attempt AND a.outcome = 'running'""",
        [recording_id],
    )


def _has_leases(db):
    """Unjam may come to this database at any time; before that there is no such schema."""
    db.execute("SELECT to_regclass('unjam.lease') IS NOT NULL")
    return db.fetchone()[0]
