// Ranking, and a rule that throws.
import { describe, expect, it, vi } from 'vitest'
import { diagnose } from '../../electron/core/diagnose.ts'
import { type Facts, finding, type Rule } from '../../electron/core/facts.ts'
import { rules } from '../../electron/core/rules/index.ts'
import { facts } from '../support/facts.ts'
import { holdToWording } from '../support/finding-words.ts'
import { ago, counts, known, MINUTE, runningJob, unknown } from '../support/snapshot-builders.ts'

const found = (rule: Rule['id'], severity: 'info' | 'warning' | 'critical'): Rule => ({
  id: rule,
  runbook: '',
  diagnose: (given) => [{ ...finding(given, rule, null), severity, headline: rule, explanation: '' }],
})

describe('diagnose', () => {
  it('turns a rule that throws into a finding, tells of the fault, and runs the others', () => {
    const onBug = vi.fn()
    const broken: Rule = {
      id: 'no-model',
      runbook: '',
      diagnose: () => {
        throw new Error('division by zero')
      },
    }
    const [first, second] = diagnose([facts()], [broken, found('no-worker', 'info')], onBug)
    expect(first).toMatchObject({ rule: 'rule-failed', severity: 'warning', key: 'rule-failed:calls:no-model' })
    holdToWording(first!)
    expect(first?.evidence[0]?.value).toBe('division by zero')
    expect(second?.rule).toBe('no-worker')
    expect(onBug).toHaveBeenCalledExactlyOnceWith('rule no-model', expect.any(Error))
  })

  it('puts the most severe first, then causes before symptoms, then systems in their order', () => {
    const order = [found('no-model', 'warning'), found('no-worker', 'critical'), found('heartbeat-stale', 'warning')]
    const all = diagnose([facts(), facts({ id: 'archive' })], order, () => undefined)
    expect(all.map(({ rule, system }) => `${rule} ${system}`)).toEqual([
      'no-worker calls',
      'no-worker archive',
      'no-model calls',
      'no-model archive',
      'heartbeat-stale calls',
      'heartbeat-stale archive',
    ])
  })

  it('gives the verdict of runbook 0, and one only', () => {
    const stuck: Facts = facts({
      counts: known(counts({ queued: 20, running: 1, done: 1069 })),
      running: known([runningJob()]),
    })
    const all = diagnose([stuck], rules, () => undefined)
    expect(all.map(({ headline }) => headline)).toEqual([
      'One 63-minute recording holds the only worker. 20 jobs wait behind it.',
    ])
  })

  it('says nothing of a system that is well, and only that it cannot be read of one that is not read', () => {
    const well = facts({ counts: known(counts({ done: 1069 })) })
    const lost = unknown(null, ago(MINUTE))
    const blind = facts({ counts: lost, running: lost, workers: lost, throughput: lost, attempts: lost, limits: lost })
    expect(diagnose([well], rules, () => undefined)).toEqual([])
    expect(diagnose([blind], rules, () => undefined).map(({ rule }) => rule)).toEqual(['source-unreachable'])
  })
})
