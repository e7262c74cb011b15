"""From a file to its text: ffprobe, ffmpeg and whisper-cli, each as a child that dies with this process."""
import ctypes
import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import gettempdir

from app import settings

PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class BadRecording(Exception):
    """No further attempt can help."""


class TranscriptionFailed(Exception):
    """This attempt failed; another one may not."""


def probe(path, beat):
    """Seconds of audio."""
    if not Path(path).is_file():
        raise BadRecording(f"The file does not exist: {path}")
    arguments = ["-v", "error", "-show_entries", "format=duration", "-of", "default=nw=1:nk=1", path]
    code, out, err = _run([*settings.FFPROBE, *arguments], beat)
    try:
        return float(out.strip())
    except ValueError:
        raise BadRecording(f"Not audio: {_last(err) or out.strip() or f'ffprobe ended with code {code}'}") from None


def transcribe(path, task_id, beat):
    folder = _scratch(task_id)
    folder.mkdir()
    try:
        wav, text = folder / "audio.wav", folder / "text"
        # The only input every build of whisper-cli reads: 16 kHz, mono, 16 bit.
        convert = ["-nostdin", "-v", "error", "-y", "-i", path, "-vn", "-ac", "1", "-ar", "16000", str(wav)]
        code, _, err = _run([*settings.FFMPEG, *convert], beat)
        if code != 0:
            raise BadRecording(f"ffmpeg cannot read the file: {_last(err) or f'code {code}'}")
        arguments = ["-m", settings.MODEL, "-l", settings.LANGUAGE, "-f", str(wav), "-oj", "-of", str(text), "-np"]
        # No context from one window to the next: a loop once begun would go on to the end of the recording.
        arguments += ["-mc", "0"]
        code, _, err = _run([*settings.WHISPER_CLI, *arguments], beat)
        # A complete result is the only proof: whisper-cli ends with code 0 on an unreadable file too.
        try:
            result = json.loads(text.with_suffix(".json").read_text(encoding="utf-8", errors="replace"))
            return "\n".join(part["text"].strip() for part in result["transcription"])
        except (OSError, ValueError, KeyError):
            raise TranscriptionFailed(f"whisper-cli ended with code {code}: {_last(err)}") from None
    finally:
        clean(task_id)


def clean(task_id):
    """Also for a task whose process was killed: an hour of audio leaves 115 MB behind."""
    shutil.rmtree(_scratch(task_id), ignore_errors=True)


def _scratch(task_id):
    return Path(gettempdir(), f"transcribe-{task_id}")


def _run(command, beat):
    """Runs a program to its end, with a heartbeat while it works; it is killed when the beat raises."""
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=_die_with_parent,
        text=True,
        errors="replace",
    )
    try:
        while True:
            try:
                out, err = child.communicate(timeout=settings.HEARTBEAT_SECONDS)
                return child.returncode, out, err
            except subprocess.TimeoutExpired:
                beat()
    finally:
        child.kill()
        child.wait()


def _die_with_parent():
    """A hard time limit kills the worker's process without a word: its program must not go on for hours alone."""
    if libc is not None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _last(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:500] if lines else ""
