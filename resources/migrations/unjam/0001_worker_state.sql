-- Up Migration
-- What Unjam's workers know beside an untouched recordings table. Ids of recordings are text: the other table may
-- use uuid, integer or anything else. All times are the database's now(); no worker's clock is ever stored.
CREATE SCHEMA IF NOT EXISTS unjam;

CREATE TABLE unjam.worker (
  id         uuid PRIMARY KEY,
  host       text NOT NULL,
  pid        integer NOT NULL,
  state      text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'paused', 'draining', 'stopped')),
  slots      integer NOT NULL,
  busy       integer NOT NULL DEFAULT 0,
  threads    integer NOT NULL,
  model      text NOT NULL,
  speed      double precision,
  started_at timestamptz NOT NULL DEFAULT now(),
  beat_at    timestamptz NOT NULL DEFAULT now()
);

-- At most one lease a recording. Every write to the recording or its chunks names the token; another token, no write.
CREATE TABLE unjam.lease (
  recording      text PRIMARY KEY,
  token          uuid NOT NULL,
  state          text NOT NULL CHECK (state IN ('held', 'parked', 'cancelling')),
  worker         uuid,
  attempt        bigint NOT NULL,
  taken_at       timestamptz NOT NULL DEFAULT now(),
  expires_at     timestamptz NOT NULL,
  plan           text,
  -- Time the job had been waiting before it was last taken; while parked, the time since parked_at comes on top.
  waited_ms      double precision NOT NULL DEFAULT 0,
  audio_done_ms  double precision NOT NULL DEFAULT 0,
  audio_total_ms double precision,
  chunks_done    integer NOT NULL DEFAULT 0,
  chunks_total   integer,
  speed          double precision,
  eta_ms         double precision,
  moved_at       timestamptz NOT NULL DEFAULT now(),
  parked_at      timestamptz
);
CREATE INDEX lease_by_expiry ON unjam.lease (expires_at);
CREATE INDEX lease_by_worker ON unjam.lease (worker);

CREATE TABLE unjam.attempt (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  recording    text NOT NULL,
  number       integer NOT NULL,
  worker       uuid NOT NULL,
  started_at   timestamptz NOT NULL DEFAULT now(),
  ended_at     timestamptz,
  outcome      text NOT NULL DEFAULT 'running'
               CHECK (outcome IN ('running', 'parked', 'done', 'failed', 'timeout', 'cancelled', 'lost', 'released', 'skipped')),
  error        text,
  chunks_saved integer NOT NULL DEFAULT 0,
  audio_ms     double precision NOT NULL DEFAULT 0,
  -- The job failed for good with this attempt; retries are counted from the attempt after it.
  final        boolean NOT NULL DEFAULT false,
  UNIQUE (recording, number)
);
CREATE INDEX attempt_by_time ON unjam.attempt (started_at);

-- Durations found out by opening the file, where the recordings table does not tell them.
CREATE TABLE unjam.audio (
  recording   text PRIMARY KEY,
  path        text NOT NULL,
  duration_ms double precision,
  error       text,
  probed_at   timestamptz NOT NULL DEFAULT now()
);

-- The checkpoint: a chunk of one plan (file, model, options, engine), never reused by another plan.
CREATE TABLE unjam.chunk (
  recording text NOT NULL,
  plan      text NOT NULL,
  start_ms  integer NOT NULL,
  end_ms    integer NOT NULL,
  failures  integer NOT NULL DEFAULT 0,
  last_error text,
  wall_ms   double precision,
  saved_at  timestamptz,
  words     jsonb,
  PRIMARY KEY (recording, plan, start_ms)
);

-- The finished transcript: stitched segments, times in ms of the recording.
CREATE TABLE unjam.segment (
  recording text NOT NULL,
  n         integer NOT NULL,
  start_ms  integer NOT NULL,
  end_ms    integer NOT NULL,
  text      text NOT NULL,
  PRIMARY KEY (recording, n)
);
