// Logs of services in memory, as pages that go on where the last one ended.
import type { ServiceLogLine, ServiceLogPage, ServiceLogQuery } from '../contract/service.ts'
import { levelOf } from './docker/logs.ts'

export interface MemoryLogs {
  write(service: string, container: string, atMs: number, text: string): void
  page(query: ServiceLogQuery): ServiceLogPage
}

/** Older lines are forgotten; a cursor counts on. */
const MOST = 5000

export function memoryLogs(): MemoryLogs {
  const lines = new Map<string, { readonly first: number; readonly all: readonly ServiceLogLine[] }>()
  return {
    write(service, container, atMs, text) {
      const { first, all } = lines.get(service) ?? { first: 0, all: [] }
      const next = [...all, { at: new Date(atMs).toISOString(), container, level: levelOf(text), text }]
      const over = Math.max(0, next.length - MOST)
      lines.set(service, { first: first + over, all: next.slice(over) })
    },
    page({ service, cursor, since, search, limit }) {
      const { first, all } = lines.get(service) ?? { first: 0, all: [] }
      const end = first + all.length
      const young = (line: ServiceLogLine) => since == null || (line.at ?? '') >= since
      const found = (line: ServiceLogLine) => line.text.toLowerCase().includes(search.toLowerCase())
      if (cursor == null) return { lines: all.filter(young).filter(found).slice(-limit), cursor: String(end) }
      const from = Math.max(first, Number(cursor))
      const page = all.slice(from - first, from - first + limit)
      return { lines: page.filter(found), cursor: String(from + page.length) }
    },
  }
}
