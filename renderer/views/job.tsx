// One job: every attempt with its own error, its transcript beside its sound, its raw facts.

import { failureText } from '../format.ts'
import { AttemptTable } from '../parts/attempt-table.tsx'
import { FactList } from '../parts/fact-list.tsx'
import { JobHead } from '../parts/job-head.tsx'
import { JobLedgers, PastAttempts } from '../parts/job-ledgers.tsx'
import { JobTrouble } from '../parts/job-trouble.tsx'
import { Main } from '../parts/main.tsx'
import { RunStrip } from '../parts/run-strip.tsx'
import { FailureNote, Section } from '../parts/section.tsx'
import { TranscriptPane } from '../parts/transcript-pane.tsx'
import { hashOf } from '../route.ts'
import { coreNow, systemOf } from '../select.ts'
import { attemptRows, factGroups, headFacts, isRecording, jobRevision } from '../select-job.ts'
import { ledgerRevision } from '../select-ledgers.ts'
import { selectRunning } from '../select-running.ts'
import { useAnswer, useView } from '../services.tsx'

export function JobView({ system, id }: { system: string; id: string }) {
  const model = useView((state, now) => ({
    revision: jobRevision(state, system, id),
    run: selectRunning(state, now, system).find((run) => run.id === id) ?? null,
    now: coreNow(state, now),
    ledgers: ledgerRevision(state, system),
    kind: systemOf(state.snapshot, system)?.kind ?? null,
  }))
  const books = useAnswer(
    model.ledgers === null ? '' : `${system} ${id} ${model.revision} ${model.ledgers}`,
    'Read what the broker says of this job',
    async (client, signal) => (model.ledgers === null ? null : client.jobs.ledgers({ system, id }, { signal })),
  )
  const ledgers = books.value
  const answer = useAnswer(`${system} ${id} ${model.revision}`, 'Read this job', (client, signal) =>
    client.jobs.detail({ system, id }, { signal }),
  )
  const detail = answer.value
  return (
    <Main label="Job" fill="wide">
      <nav aria-label="Where this is" className="text-small text-ink-3 mb-[6px]">
        <a href={hashOf({ view: 'jobs', system, state: detail?.job.state ?? 'queued' })}>Jobs</a> / {system} /{' '}
        {id.slice(0, 8)}
      </nav>
      {answer.failure !== null && <FailureNote text={failureText(answer.failure)} again={answer.again} />}
      {detail !== null && (
        <>
          <JobHead
            job={detail.job}
            hasTranscript={detail.segmentCount > 0}
            facts={headFacts(detail, model.kind, model.now)}
          />
          {model.run !== null && (
            <div className="border-t border-line">
              <RunStrip run={model.run} own />
            </div>
          )}
          <JobTrouble job={detail.job} />
          {books.failure !== null && <FailureNote text={failureText(books.failure)} again={books.again} />}
          {ledgers !== null && <JobLedgers job={detail.job} ledgers={ledgers} />}
          {!isRecording(model.kind) && (
            <div className="mt-[18px] min-h-0 flex-1 overflow-y-auto pb-6">
              {ledgers !== null && ledgers.results.length > 0 && (
                <Section title="Attempts" note="one line per run">
                  <PastAttempts ledgers={ledgers} now={model.now} />
                </Section>
              )}
              {factGroups(detail, model.kind).map((facts, index, all) => (
                <FactList
                  key={facts[0]?.source ?? ''}
                  title={all.length > 1 && index === 0 ? 'Children' : 'Facts'}
                  facts={facts}
                />
              ))}
            </div>
          )}
          {isRecording(model.kind) && (
            <div className="grid grid-cols-[minmax(0,1.28fr)_minmax(0,1fr)] gap-9 mt-[18px] min-h-0 flex-1 max-narrow:flex max-narrow:flex-col-reverse max-narrow:justify-end max-narrow:flex-none">
              <div className="overflow-y-auto min-h-0 pb-6">
                <Section title="Attempts" note={detail.attempts.length === 0 ? 'none yet' : 'one line per run'}>
                  {(detail.attempts.length > 0 || !ledgers?.results.length) && (
                    <AttemptTable rows={attemptRows(detail.attempts, model.now)} />
                  )}
                  {ledgers !== null && <PastAttempts ledgers={ledgers} now={model.now} />}
                </Section>
                <FactList facts={detail.facts} />
              </div>
              <TranscriptPane detail={detail} />
            </div>
          )}
        </>
      )}
    </Main>
  )
}
