// Folders of this machine that the worker's container has mounted: by them its rows' paths are found here.
import { existsSync } from 'node:fs'
import type { SharedFolder } from '../../contract/worker-protocol.ts'
import type { Container } from './container.ts'
import type { Endpoint } from './endpoint.ts'
import { hereAs } from './labels.ts'
import { isHere } from './reachable.ts'

/** Empty for an engine on another machine: a folder of the same name here would be another one. */
export function sharedFolders(
  containers: readonly Container[],
  engine: Endpoint,
  distributions: readonly string[],
  platform: NodeJS.Platform = process.platform,
  exists: (path: string) => boolean = existsSync,
): SharedFolder[] {
  if (!isHere(engine)) return []
  const found = new Map<string, string>()
  for (const { inspect } of workersOf(containers))
    for (const { Source, Destination } of inspect.Mounts) {
      const here = Source === '' ? null : hereAs(Source, platform, exists, distributions)
      if (here !== null && !found.has(Destination)) found.set(Destination, here)
    }
  return [...found].map(([inside, here]) => ({ inside, here }))
}

/** By what they run, whatever the service is called; `/data` of another one is not where recordings are. */
function workersOf(containers: readonly Container[]): readonly Container[] {
  const running = containers.filter(({ inspect: { Path, Args } }) => {
    // A word of its own: the app of beat may well be called worker.celery_app.
    const words = [Path, ...Args].join(' ').split(/\s+/)
    return words.includes('worker') && words.some((word) => word.includes('celery'))
  })
  return running.length > 0 ? running : containers.filter(({ compose }) => /worker/i.test(compose.service))
}
