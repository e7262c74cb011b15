// The calls about the life of findings.
import * as z from 'zod'
import { Finding } from './finding.ts'
import { FindingEpisode, FindingHistoryQuery, SnoozeMinutes } from './finding-life.ts'
import { call } from './procedure.ts'

const named = z.object({ key: z.string().min(1) })

export const findings = {
  history: call
    .route({
      method: 'GET',
      path: '/findings/history',
      summary: 'What appeared, changed and cleared, and who said what to it; the latest first',
      tags: ['findings'],
    })
    .input(FindingHistoryQuery)
    .output(z.array(FindingEpisode)),
  acknowledge: call
    .route({
      method: 'POST',
      path: '/findings/acknowledge',
      summary: 'Somebody works on it: no more alerts until it persists, gets worse or comes back',
      tags: ['findings'],
    })
    .input(named)
    .output(Finding),
  snooze: call
    .route({ method: 'POST', path: '/findings/snooze', summary: 'No alerts for so long', tags: ['findings'] })
    .input(named.extend({ minutes: SnoozeMinutes.default(60) }))
    .output(Finding),
  wake: call
    .route({
      method: 'POST',
      path: '/findings/wake',
      summary: 'Takes back an acknowledgement or a snooze',
      tags: ['findings'],
    })
    .input(named)
    .output(Finding),
}
