// A download that runs in a core, watched from a command until it has ended one way or the other.
import { FailureError } from '../contract/failure.ts'
import type { CatalogModel, ModelResult } from '../contract/host.ts'
import type { LocalHost } from '../contract/snapshot.ts'
import { size } from './columns.ts'
import type { Context } from './command.ts'
import { nearest } from './nearest.ts'
import type { Session } from './session.ts'

const lookEveryMs = 250

/** Ctrl-C ends the download; what has come stays and the next try goes on from there. */
export async function downloadModel(name: string, session: Session, context: Context): Promise<ModelResult> {
  const { client } = session
  const wanted = named(await client.models.list({}), name)
  if (wanted.present) return done(wanted, 'It is here already.')
  const { started } = await client.models.download({ name: wanted.name })
  if (!started) context.terminal.say('Another download runs already; waiting for it.')
  const cancel = () => {
    // The command is ending: an answer is of no use any more.
    client.models.cancelDownload({}).catch(() => undefined)
  }
  context.signal.addEventListener('abort', cancel, { once: true })
  try {
    for await (const download of progress(session, context.signal)) {
      if (download === null) break
      if (download.failure !== null) return { ok: false, failure: download.failure }
      show(download, context)
    }
  } finally {
    context.signal.removeEventListener('abort', cancel)
  }
  const now = named(await client.models.list({}), name)
  if (now.present) return done(now, 'It is downloaded and its checksum is right.')
  throw new FailureError({
    kind: 'refused',
    tried: 'Download the model',
    on: name,
    because: 'the download ended before the file was complete',
    remedy: 'Run the command again; it goes on where it ended.',
  })
}

/** Where the core is ours its store is asked, so that no system is read for it; otherwise its live stream tells. */
async function* progress(session: Session, signal: AbortSignal): AsyncGenerator<LocalHost['download']> {
  const own = session.core.hosted?.composed.models
  if (own !== undefined) {
    for (;;) {
      yield own.downloading()
      signal.throwIfAborted()
      await new Promise((next) => setTimeout(next, lookEveryMs))
    }
  }
  for await (const event of await session.client.live(undefined, { signal })) {
    const host = event.kind === 'snapshot' ? event.snapshot.host : event.changes.host
    if (host?.download !== undefined) yield host.download
  }
}

function show({ name, doneBytes, totalBytes }: NonNullable<LocalHost['download']>, { terminal }: Context): void {
  const percent = totalBytes === null || totalBytes === 0 ? null : Math.floor((100 * doneBytes) / totalBytes)
  const of = totalBytes === null ? '' : ` of ${size(totalBytes)}`
  terminal.progress(`${name}: ${size(doneBytes)}${of}${percent === null ? '' : `, ${percent} %`}`, false)
}

function named(list: readonly CatalogModel[], name: string): CatalogModel {
  const found = list.find((model) => model.name === name || model.fileName === name)
  if (found !== undefined) return found
  const names = list.map((model) => model.name)
  const meant = nearest(name, names)
  throw new FailureError({
    kind: 'missing',
    tried: 'Download the model',
    on: name,
    because: 'whisper.cpp publishes no model of this name',
    remedy: meant === null ? 'unjam models list shows them.' : `unjam models download ${meant} is the nearest.`,
  })
}

function done(model: CatalogModel, sentence: string): ModelResult {
  return { ok: true, path: model.fileName, sentence: `${model.fileName}: ${sentence}` }
}
