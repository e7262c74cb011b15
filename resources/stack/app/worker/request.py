"""What the worker's main process does when a task's own process is gone: no code of the task runs any more."""
from billiard.exceptions import WorkerLostError
from celery.utils.log import get_logger
from celery.worker.request import Request

from app.worker import recordings, transcribe

log = get_logger(__name__)


class RecordingRequest(Request):
    def on_timeout(self, soft, timeout):
        super().on_timeout(soft, timeout)
        if not soft:
            self._give_back(f"Timeout exceeded: TimeLimitExceeded({timeout:g})")

    def on_failure(self, exc_info, *args, **kwargs):
        # billiard 4 hands it over inside another exception that carries the traceback.
        error = getattr(exc_info.exception, "exc", exc_info.exception)
        if isinstance(error, WorkerLostError):
            self._give_back(f"Worker process lost: {error}")
        return super().on_failure(exc_info, *args, **kwargs)

    def _give_back(self, error):
        transcribe.clean(self.id)
        recording_id = self.args[0] if self.args else self.kwargs.get("recording_id")
        try:
            status = recordings.fail(recording_id, self.id, error)
        except Exception:
            # The main process must live on; the row is found without a heartbeat later.
            log.exception("Recording %s could not be given back after: %s", recording_id, error)
        else:
            log.warning("Recording %s, task %s: %s; now %s", recording_id, self.id, error, status or "not ours")
