"""The Celery app and its configuration; `celery -A app.worker.celery_app worker` and `… beat` start from here."""
from celery import Celery
from celery.beat import PersistentScheduler
from celery.signals import heartbeat_sent, worker_init

from app import alive, database, settings

app = Celery("recordings", broker=settings.BROKER_URL, backend=settings.RESULT_URL, include=["app.worker.tasks"])

app.conf.update(
    enable_utc=True,
    task_serializer="json",
    result_serializer="json",
    accept_content=["json"],
    # Results of 24 hours: enough to see what failed, and Redis stays small (runbook 2).
    result_expires=86400,
    # With task name and arguments in every result, a failed attempt can be tied to its recording.
    result_extended=True,
    task_track_started=True,
    # Acknowledged when work begins. Acknowledging at its end would have Redis deliver a long task a second time after
    # the visibility timeout, and after every reconnect; and it is not needed: the table knows what has not been done.
    task_acks_late=False,
    # One message waits in a worker's hands, not four: the others stay where a second worker finds them.
    worker_prefetch_multiplier=1,
    # That one message may wait behind a recording of hours; only then is it given to another worker.
    broker_transport_options={"visibility_timeout": 12 * 3600},
    # The name of this setting in Celery 5.3 and later; before it, the worker always tries again.
    broker_connection_retry_on_startup=True,
    task_time_limit=settings.TASK_TIMEOUT_SECONDS,
    worker_concurrency=settings.WORKER_CONCURRENCY,
    # What Flower and Unjam listen to.
    worker_send_task_events=True,
    task_send_sent_event=True,
    beat_schedule={
        "enqueue-pending-recordings": {
            "task": "app.worker.tasks.enqueue_pending_recordings",
            "schedule": settings.ENQUEUE_SECONDS,
            # No expiry, although these pile up behind a busy worker (runbook 0): it is checked against the worker's
            # clock, and between two machines whose clocks differ the enqueuer would never run.
        }
    },
    beat_scheduler="app.worker.celery_app:Scheduler",
    # Beat shows a sign of life at least this often.
    beat_max_loop_interval=5,
)

heartbeat_sent.connect(alive.touch)


@worker_init.connect
def prepare(**_):
    database.prepare()


class Scheduler(PersistentScheduler):
    """Celery's own, with a sign of life after each round."""

    def tick(self, *args, **kwargs):
        wait = super().tick(*args, **kwargs)
        alive.touch()
        return wait
