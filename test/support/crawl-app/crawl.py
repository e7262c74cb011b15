"""A Celery app for tests of crawl runs: runbook 3's task over its own tables, without crawling anything.

A run whose row names another task is left alone, as a real app's guard against doubled messages would.
"""
import os
import time

import psycopg2
from celery import Celery

env = os.environ.get

app = Celery("crawl", broker=env("BROKER_URL"), backend=env("RESULT_URL") or None)
app.conf.update(
    enable_utc=True,
    task_default_queue="default",
    task_routes={"apps.sources.tasks.crawl_source": {"queue": "crawl"}},
    task_track_started=True,
    # A worker with one slot takes one message: what waits is in the queue, where a test can see it.
    task_acks_late=True,
    worker_prefetch_multiplier=1,
)


@app.task(name="apps.sources.tasks.crawl_source", bind=True)
def crawl_source(self, source_id, crawl_job_id=None):
    """Crawls for as long as its row says running: a test ends it by writing another word."""
    connection = psycopg2.connect(env("DATABASE_URL"))
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute(
        "UPDATE crawl_jobs SET status = 'running', started_at = now()"
        " WHERE id = %s AND source_id = %s AND status = 'pending' AND task_id = %s",
        (crawl_job_id, source_id, self.request.id),
    )
    running = cursor.rowcount == 1
    while running:
        time.sleep(0.05)
        cursor.execute("SELECT 1 FROM crawl_jobs WHERE id = %s AND status = 'running'", (crawl_job_id,))
        running = cursor.fetchone() is not None
    connection.close()
