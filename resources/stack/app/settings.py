"""What .env says, checked once: a value that makes no sense ends the process with a sentence, not a task hours later."""
import os
import shlex
import sys


def _refuse(name, value, wanted):
    sys.exit(f"{name} is {value!r}, but must be {wanted}. Change it in .env and recreate this service.")


def _text(name, default):
    return os.environ.get(name, "").strip() or default


def _command(name, default):
    """A program with its first arguments; replaceable, so that tests need no model."""
    return shlex.split(_text(name, default))


def _number(name, default, wanted, *, least=0.0):
    value = _text(name, str(default))
    try:
        number = float(value)
    except ValueError:
        _refuse(name, value, wanted)
    # `not >=` refuses nan too.
    if not number >= least or number == float("inf"):
        _refuse(name, value, wanted)
    return number


def _whole(name, default, wanted, *, least=0):
    number = _number(name, default, wanted, least=least)
    if number != int(number):
        _refuse(name, _text(name, ""), wanted)
    return int(number)


def _choice(name, default, *choices):
    value = _text(name, default)
    if value not in choices:
        _refuse(name, value, " or ".join(choices))
    return value


DATABASE_URL = _text("DATABASE_URL", "postgresql://recordings@127.0.0.1:5432/recordings")
BROKER_URL = _text("BROKER_URL", "redis://127.0.0.1:6379/0")
RESULT_URL = _text("RESULT_URL", BROKER_URL)

# Seconds; None is no limit, which is right as long as the heartbeat finds what is stuck (runbook 2).
TASK_TIMEOUT_SECONDS = (
    _number("TASK_TIMEOUT_SECONDS", 0, "a number of seconds, or 0 or empty for no limit") or None
)
TASK_MAX_RETRIES = _whole("TASK_MAX_RETRIES", 3, "a whole number, 0 or more")
WORKER_CONCURRENCY = _whole("WORKER_CONCURRENCY", 1, "a whole number, 1 or more", least=1)

ENQUEUE_SECONDS = _number("ENQUEUE_SECONDS", 120, "a number of seconds above 0", least=0.1)
HEARTBEAT_SECONDS = _number("HEARTBEAT_SECONDS", 120, "a number of seconds above 0", least=0.1)
STUCK_SECONDS = _number("STUCK_SECONDS", 900, "a number of seconds above 0", least=0.1)
if STUCK_SECONDS <= HEARTBEAT_SECONDS:
    _refuse("STUCK_SECONDS", f"{STUCK_SECONDS:g}", f"more than HEARTBEAT_SECONDS ({HEARTBEAT_SECONDS:g})")

# Minutes of audio; None is no limit.
MAX_DURATION_MINUTES = (
    _number("MAX_DURATION_MINUTES", 0, "a number of minutes, or 0 or empty for no limit") or None
)
OVER_MAX_DURATION = _choice("OVER_MAX_DURATION", "skip", "skip", "fail")

MODEL = _text("MODEL", "/models/ggml-base.bin")
LANGUAGE = _text("LANGUAGE", "auto")
FFPROBE = _command("FFPROBE", "ffprobe")
FFMPEG = _command("FFMPEG", "ffmpeg")
WHISPER_CLI = _command("WHISPER_CLI", "whisper-cli")
API_HOST = _text("API_HOST", "127.0.0.1")
API_PORT = _whole("API_PORT", 8000, "a port number")
