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
-- One index a sort of the Jobs screen: a page is a walk along it, whatever the size of the table. The first one also
-- answers the counts alone, the last one what finished today.
CREATE INDEX recordings_by_created ON recordings (status, created_at, id);
CREATE INDEX recordings_by_updated ON recordings (status, updated_at, id);
CREATE INDEX recordings_by_title ON recordings (status, "left"(lower(file_name), 200), id);
CREATE INDEX recordings_by_audio ON recordings (status, duration_seconds, id);
CREATE INDEX recordings_by_completed ON recordings (status, completed_at) INCLUDE (duration_seconds);
-- Workers compare words without regard to case, as they must on other tables; their search for work reads little here.
CREATE INDEX recordings_by_word ON recordings (lower(status));
-- Search by part of a name. The extension comes with the embedded Postgres; without it a search reads the whole state.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm') THEN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX recordings_by_name ON recordings USING gin (file_name gin_trgm_ops);
  END IF;
END
$$;
