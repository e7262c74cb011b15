// What an idle core costs: `unjam serve` with the local system, its database started, no browser attached.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { type ServingHost, serveApp } from '../support/serving-host.ts'
import type { Table } from './run.ts'

const settleMs = 10_000
const ticksPerSecond = 100

/** Target: at most 150 MB RSS and 1 % CPU over 30 s. */
export async function idle(quick = false): Promise<Table> {
  const seconds = quick ? 10 : 30
  const host = await serveApp({ settings: { worker: { startWithApp: false } } })
  try {
    // The first poll has started the database by then.
    await host.unjam('status')
    await wait(settleMs)
    const before = usage(host)
    await wait(seconds * 1000)
    const after = usage(host)
    const percent = (100 * (after.cpuSeconds - before.cpuSeconds)) / seconds
    return {
      title: `Idle core (unjam serve, local system, no browser), over ${seconds} s`,
      columns: ['', 'measured', 'target'],
      rows: [
        ['memory (RSS)', `${(after.rssBytes / 1e6).toFixed(0)} MB`, '≤ 150 MB'],
        ['CPU', `${percent.toFixed(2)} %`, '≤ 1 %'],
      ],
    }
  } finally {
    await host.stop()
  }
}

/** Of the core's own process; its Postgres is counted by its own. */
function usage({ process: { pid } }: ServingHost): { rssBytes: number; cpuSeconds: number } {
  if (process.platform !== 'linux') {
    const [rss = '0', time = '0:0'] = execFileSync('ps', ['-o', 'rss=,time=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .split(/\s+/)
    const cpuSeconds = time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
    return { rssBytes: Number(rss) * 1024, cpuSeconds }
  }
  const [, kilobytes = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  // proc_pid_stat(5): after the name in parentheses, fields 14 and 15 are user and system time in ticks.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
  return { rssBytes: Number(kilobytes) * 1024, cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond }
}
