"""A Celery app for tests of the queue side: the runbooks' task names, no database, no transcription.

Everything is set by environment variables, so that one file serves every deployment a test wants. What ran is told
in database 15 of the broker, outside of everything Celery and Unjam look at: lists `started` and `done` (recording
ids in order), and the set `pending`, which `enqueue_pending_recordings` turns into messages.
"""
import json
import os
import time

import redis
from celery import Celery
from celery.utils.log import get_task_logger

env = os.environ.get
log = get_task_logger(__name__)

app = Celery("tasks", broker=env("BROKER_URL"), backend=env("RESULT_URL") or None)
app.conf.update(
    enable_utc=True,
    task_default_queue=env("DEFAULT_QUEUE", "celery"),
    task_track_started=env("TRACK_STARTED", "1") == "1",
    task_acks_late=env("ACKS_LATE", "0") == "1",
    task_time_limit=float(env("TASK_TIMEOUT_SECONDS", "0")) or None,
    task_serializer=env("SERIALIZER", "json"),
    accept_content=env("ACCEPT_CONTENT", "json,pickle,yaml").split(","),
    task_compression=env("COMPRESSION") or None,
    result_extended=env("RESULT_EXTENDED", "0") == "1",
    result_expires=int(env("RESULT_EXPIRES", "86400")) or None,
    task_send_sent_event=env("SENT_EVENTS", "0") == "1",
    worker_send_task_events=env("TASK_EVENTS", "0") == "1",
    worker_prefetch_multiplier=int(env("PREFETCH", "1")),
    broker_transport_options={
        **({"visibility_timeout": int(env("VISIBILITY_TIMEOUT"))} if env("VISIBILITY_TIMEOUT") else {}),
        **({"global_keyprefix": env("KEY_PREFIX")} if env("KEY_PREFIX") else {}),
        **json.loads(env("TRANSPORT_OPTIONS", "{}")),
    },
    beat_schedule={
        "enqueue-pending-recordings": {
            "task": "app.worker.tasks.enqueue_pending_recordings",
            "schedule": float(env("ENQUEUE_SECONDS", "120")),
        }
    },
    beat_max_loop_interval=1,
)


def notes():
    """Where the test reads what ran."""
    return redis.Redis.from_url(env("NOTES_URL") or env("BROKER_URL").rsplit("/", 1)[0] + "/15")


@app.task(name="sleep")
def sleep(seconds):
    time.sleep(seconds)
    return seconds


@app.task(name="fail")
def fail(message="bad audio"):
    raise ValueError(message)


@app.task(name="app.worker.tasks.process_recording", bind=True, max_retries=3)
def process_recording(self, recording_id, seconds=None, fail=None, retry_in=None):
    """Takes `seconds` (or PROCESS_SECONDS), then ends well, fails with `fail`, or asks for a retry."""
    log.info("process_recording %s", recording_id)
    notes().rpush("started", recording_id)
    time.sleep(float(env("PROCESS_SECONDS", "0")) if seconds is None else seconds)
    if retry_in is not None:
        raise self.retry(exc=ValueError(fail or "try later"), countdown=retry_in)
    if fail is not None:
        raise ValueError(fail)
    notes().rpush("done", recording_id)
    return {"recording_id": recording_id}


@app.task(name="app.worker.tasks.enqueue_pending_recordings")
def enqueue_pending_recordings():
    ids = sorted(one.decode() for one in notes().smembers("pending"))
    for one in ids:
        process_recording.delay(one)
    return {"enqueued": len(ids)}
