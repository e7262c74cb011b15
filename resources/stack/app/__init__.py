"""The transcription stack: a table of recordings, a Celery worker that transcribes them, an API that counts them."""
