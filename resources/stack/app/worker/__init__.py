"""The Celery app: tasks, their SQL, and what they run."""
