"""The two tasks: one transcribes a recording, one turns the table into messages.

The table is the truth. Only `enqueue_pending_recordings` sends `process_recording`, so an empty queue is filled again
at its next run and a lost message costs minutes (runbook 2).
"""
from pathlib import Path
from time import monotonic, sleep

from celery import Task
from celery.utils.log import get_task_logger
from psycopg2 import OperationalError

from app import settings
from app.worker import broker, recordings
from app.worker.celery_app import app
from app.worker.transcribe import BadRecording, probe, transcribe

log = get_task_logger(__name__)


class RecordingTask(Task):
    Request = "app.worker.request:RecordingRequest"


class NotOurs(Exception):
    """The row was given to somebody else, or taken out of its running state by an operator."""


@app.task(name="app.worker.tasks.process_recording", bind=True, base=RecordingTask)
def process_recording(self, recording_id):
    task_id = self.request.id
    if no_model():
        log.warning("Recording %s, task %s: it waits for a model", recording_id, task_id)
        return {"recording_id": recording_id, "status": None}
    recording = recordings.claim(recording_id, task_id)
    if recording is None:
        log.info("Recording %s is not waiting any more, task %s has nothing to do", recording_id, task_id)
        return {"recording_id": recording_id, "status": None}
    attempt = recording.retry_count + 1
    log.info("Recording %s, task %s: attempt %d, %s", recording_id, task_id, attempt, recording.file_name)
    try:
        status = _work(recording, task_id)
    except NotOurs:
        log.warning("Recording %s, task %s: the row was taken away, its work is stopped", recording_id, task_id)
        status = None
    except Exception as error:
        reason = str(error) or type(error).__name__
        status = recordings.fail(recording_id, task_id, reason, final=isinstance(error, BadRecording))
        log.error("Recording %s, task %s: %s; now %s", recording_id, task_id, reason, status)
        raise
    return {"recording_id": recording_id, "status": status}


def no_model():
    """A model that is missing is no recording's fault: none is claimed, and no retry is given away for it."""
    return not Path(settings.MODEL).is_file()


def _work(recording, task_id):
    def ours(answer):
        if not answer:
            raise NotOurs

    def beat():
        try:
            ours(recordings.beat(recording.id, task_id))
        except OperationalError as error:
            # Hours of work are not thrown away for a database that is back in a minute.
            log.warning("Recording %s: no heartbeat, the database cannot be reached: %s", recording.id, error)

    log.info("Transcribing audio…")
    seconds = recording.duration_seconds
    if seconds is None:
        seconds = probe(recording.file_path, beat)
        ours(recordings.note_duration(recording.id, task_id, seconds))
    log.info("Processing audio with duration %s", clock(seconds))
    limit = settings.MAX_DURATION_MINUTES
    if limit is not None and seconds > limit * 60:
        reason = f"Longer than {limit:g} minutes: {clock(seconds)} of audio (MAX_DURATION_MINUTES)"
        if settings.OVER_MAX_DURATION == "fail":
            raise BadRecording(reason)
        ours(recordings.skip(recording.id, task_id, reason))
        log.info("Recording %s skipped: %s", recording.id, reason)
        return "skipped"
    text = transcribe(recording.file_path, task_id, beat)
    ours(_patiently(lambda: recordings.finish(recording.id, task_id, text)))
    log.info("Recording %s done: %d characters", recording.id, len(text))
    return "done"


def _patiently(write):
    """The end of hours of work waits for a database that is away, until the row would count as stuck."""
    end = monotonic() + settings.STUCK_SECONDS
    while True:
        try:
            return write()
        except OperationalError as error:
            if monotonic() > end:
                raise
            log.warning("The database cannot be reached, trying again: %s", error)
            sleep(min(5, settings.HEARTBEAT_SECONDS))


def clock(seconds):
    """3780.882 → 01:03:00.882"""
    ms = round(seconds * 1000)
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"


@app.task(name="app.worker.tasks.enqueue_pending_recordings")
def enqueue_pending_recordings():
    stuck = recordings.recover_stuck()
    for recording_id, status in stuck:
        log.warning("Recording %s had no heartbeat for %g s; now %s", recording_id, settings.STUCK_SECONDS, status)
    if no_model():
        log.error("There is no model at %s: recordings wait until .env names one (MODEL, MODELS_DIR)", settings.MODEL)
        return {"enqueued": 0, "stuck": len(stuck)}
    waiting = broker.waiting()
    if waiting is None:
        log.info("More than %d messages wait: nothing is added", broker.LONGEST)
        return {"enqueued": 0, "stuck": len(stuck)}
    fresh = [recording_id for recording_id in recordings.queued(broker.LONGEST) if recording_id not in waiting]
    for recording_id in fresh:
        process_recording.delay(recording_id)
    log.info("Enqueued %d recordings, %d had a message already", len(fresh), len(waiting))
    return {"enqueued": len(fresh), "stuck": len(stuck)}
