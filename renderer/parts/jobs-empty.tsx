// An empty tab says why it is empty and how that changes.
import type { JobState } from '../../electron/contract/job.ts'
import { Empty } from './section.tsx'

const texts: Readonly<Record<JobState, { title: string; text: string }>> = {
  queued: {
    title: 'Nothing waits.',
    text: 'Drop recordings anywhere on this window, or press A to choose files or a folder.',
  },
  running: {
    title: 'Nothing is being processed.',
    text: 'A queued job appears here when a worker takes it, with its progress, speed and expected end.',
  },
  failed: {
    title: 'Nothing has failed.',
    text: 'A job that fails for good appears here with its own reason, and can be retried.',
  },
  done: {
    title: 'Nothing is done yet.',
    text: 'Finished jobs appear here with their transcripts, to read, play and export.',
  },
  skipped: {
    title: 'Nothing was skipped.',
    text: 'Jobs that were cancelled, or are longer than the limit in Settings, appear here with the reason.',
  },
}

export function JobsEmpty({ state, search }: { state: JobState; search: string }) {
  if (search !== '')
    return (
      <Empty title={`No job here is called “${search}”.`}>
        The search looks in this tab only; Ctrl K looks in all of them.
      </Empty>
    )
  const { title, text } = texts[state]
  return <Empty title={title}>{text}</Empty>
}
