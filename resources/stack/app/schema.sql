-- The recordings table of the runbooks, made where it is missing; running this again changes nothing.
CREATE TABLE IF NOT EXISTS recordings (
  id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  file_name        text NOT NULL,
  file_path        text NOT NULL,
  duration_seconds double precision,
  status           text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'processing', 'done', 'failed', 'skipped')),
  retry_count      integer NOT NULL DEFAULT 0,
  error_message    text,
  transcript       text,
  created_at       timestamptz NOT NULL DEFAULT now(),
  updated_at       timestamptz NOT NULL DEFAULT now(),
  started_at       timestamptz,
  completed_at     timestamptz
);
-- The task that runs it: only that task may write to the row. Empty while nobody does.
ALTER TABLE recordings ADD COLUMN IF NOT EXISTS task_id text;
CREATE INDEX IF NOT EXISTS recordings_by_created ON recordings (status, created_at, id);
CREATE INDEX IF NOT EXISTS recordings_by_updated ON recordings (status, updated_at, id);
