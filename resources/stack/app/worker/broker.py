"""A look into our own queue: which recordings have a message there already."""
import json
from base64 import b64decode

from app.worker.celery_app import app

# Longer than this, the queue is not read and nothing is added: there is enough to do until the next look.
LONGEST = 5000


def waiting():
    """Ids with a message in the list; None when it is too long to read."""
    with app.connection_for_read() as connection:
        redis = connection.default_channel.client
        queue = app.conf.task_default_queue
        if redis.llen(queue) > LONGEST:
            return None
        messages = redis.lrange(queue, 0, LONGEST)
    return {recording_id for recording_id in map(_recording, messages) if recording_id is not None}


def _recording(message):
    envelope = json.loads(message)
    if envelope["headers"].get("task") != "app.worker.tasks.process_recording":
        return None
    args, kwargs, _ = json.loads(b64decode(envelope["body"]))
    return args[0] if args else kwargs.get("recording_id")
