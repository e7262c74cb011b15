// Runbook 3: a worker started without `-Q default,crawl` leaves those queues alone.
import { describe, expect, it } from 'vitest'
import { queueWithoutConsumer as rule } from '../../../electron/core/rules/queue-without-consumer.ts'
import { facts, run } from '../../support/facts.ts'
import { known, unknown } from '../../support/snapshot-builders.ts'
import { celeryWorker, queue } from '../../support/stack-builders.ts'

const crawl = queue({ name: 'crawl', messages: 6, consumers: 0, groups: [] })

describe('stays silent', () => {
  it.each([
    ['a worker consumes it', known([queue()])],
    ['it is empty', known([queue({ messages: 0, consumers: 0 })])],
    ['the workers cannot be asked', known([queue({ consumers: null })])],
    ['the queues cannot be read', unknown([crawl])],
    ['there is no broker', null],
  ])('when %s', (_why, queues) => {
    expect(run(rule, facts({ queues }))).toEqual([])
  })
})

it('names the queue, what is consumed instead, and lets live workers consume it', () => {
  const workers = known([celeryWorker({ queues: ['celery'] })])
  const [found, ...more] = run(rule, facts({ queues: known([crawl, queue()]), workers }))
  expect(more).toEqual([])
  expect(found).toMatchObject({
    severity: 'warning',
    headline: 'No live worker consumes queue crawl. 6 messages wait in it.',
    evidence: [{ value: '6 messages' }, { label: 'Consumed', value: 'celery' }],
    remedies: [{ action: 'resume-queue', params: { queue: 'crawl' } }],
  })
  expect(run(rule, facts({ queues: known([crawl]), workers: known([]) }))[0]?.remedies).toEqual([])
})

it('is no alarm when Unjam itself paused it', () => {
  const [found] = run(rule, facts({ queues: known([{ ...crawl, paused: true }]) }))
  expect(found).toMatchObject({
    severity: 'info',
    headline: 'Queue crawl is paused. 6 messages wait until it is resumed.',
    remedies: [{ action: 'resume-queue' }],
  })
})
