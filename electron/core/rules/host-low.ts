// Disk or memory runs short, here or where the containers run: what comes next is a kill or a failed write.
import type { Finding } from '../../contract/finding.ts'
import { bytes } from '../bytes.ts'
import { type Facts, finding, now, type Rule, row } from '../facts.ts'
import { servicesNow } from '../service-facts.ts'

/** Below the first it is worth a word, below the second writes are about to fail. */
const DISK_LOW = 5e9
const DISK_OUT = 1e9
/** Of all memory; and so much in any case is enough for what runs. */
const MEMORY_SHARE = 0.08
const MEMORY_ENOUGH = 2e9
/** Containers that use so much of the engine’s memory leave none for the next. */
const ENGINE_SHARE = 0.92

export const hostLow: Rule = {
  id: 'host-low',
  runbook: '4-qc-jobs-stuck.md, "Cause 2: Memory Exhaustion (OOM)"',
  diagnose: (facts) => [...disks(facts), ...memory(facts), ...engine(facts)],
}

function disks(facts: Facts): Finding[] {
  return (facts.room?.disks ?? [])
    .filter(({ freeBytes }) => freeBytes < DISK_LOW)
    .map((disk) => ({
      ...finding(facts, 'host-low', `disk ${disk.path}`),
      severity: disk.freeBytes < DISK_OUT ? ('critical' as const) : ('warning' as const),
      headline: `The disk of ${disk.path} has ${bytes(disk.freeBytes)} left.`,
      explanation: 'The database and saved chunks need room: without it jobs fail and Postgres stops.',
      evidence: [row(facts, 'Free', `${bytes(disk.freeBytes)} of ${bytes(disk.bytes)}`, 'this machine')],
      places: [{ view: 'settings' as const, label: 'Open the settings', job: null }],
    }))
}

function memory(facts: Facts): Finding[] {
  const { room } = facts
  if (room === null || room.freeMemoryBytes > Math.min(MEMORY_ENOUGH, room.memoryBytes * MEMORY_SHARE)) return []
  return [
    {
      ...finding(facts, 'host-low', 'memory'),
      headline: `This computer has ${bytes(room.freeMemoryBytes)} of memory left.`,
      explanation: 'A model that no longer fits makes transcribing crawl, or the system ends the worker.',
      evidence: [
        row(facts, 'Free', `${bytes(room.freeMemoryBytes)} of ${bytes(room.memoryBytes)}`, 'this machine'),
        ...(facts.host?.model == null ? [] : [row(facts, 'Model', facts.host.model, 'settings')]),
      ],
      places: [{ view: 'models', label: 'Choose a smaller model', job: null }],
    },
  ]
}

/** Containers are measured one by one; those that were not are counted as nothing, so this errs towards silence. */
function engine(facts: Facts): Finding[] {
  const total = facts.system.stack === null ? null : (now(facts.system.stack)?.engine.memoryBytes ?? null)
  const services = servicesNow(facts)
  const used = services.reduce((sum, { memoryBytes }) => sum + (memoryBytes ?? 0), 0)
  if (total === null || used < total * ENGINE_SHARE) return []
  const [largest] = services.toSorted((a, b) => (b.memoryBytes ?? 0) - (a.memoryBytes ?? 0))
  return [
    {
      ...finding(facts, 'host-low', 'engine memory'),
      headline: `The containers use ${Math.round((used / total) * 100)} % of the engine’s memory.`,
      explanation: 'The kernel ends a process when there is no more, usually the largest: that is a killed job.',
      evidence: [
        row(facts, 'Used', `${bytes(used)} of ${bytes(total)}`, 'stack', facts.system.services ?? undefined),
        ...(largest === undefined
          ? []
          : [
              row(
                facts,
                'Largest',
                `${largest.container}, ${bytes(largest.memoryBytes ?? 0)}`,
                'stack',
                facts.system.services ?? undefined,
              ),
            ]),
      ],
      places: [{ view: 'stack', label: 'Open the services', job: null }],
    },
  ]
}
