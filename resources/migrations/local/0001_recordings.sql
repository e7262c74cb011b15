-- Up Migration
-- The recordings table as the runbooks use it, on the embedded database only.
-- Nothing of Unjam's own state is in it, except where its files came from.
CREATE TABLE recordings (
  id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  file_name        text NOT NULL,
  file_path        text NOT NULL,
  file_bytes       bigint,
  file_sha256      text UNIQUE,
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
-- One covering index a sort of the Jobs screen: keyset pages, and counts by an index-only scan.
CREATE INDEX recordings_by_created ON recordings (status, created_at, id);
CREATE INDEX recordings_by_updated ON recordings (status, updated_at, id);
