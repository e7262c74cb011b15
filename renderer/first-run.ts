// A fresh machine: nothing was ever added, and the three things a first transcript needs.
import type { LocalHost, Snapshot } from '../electron/contract/snapshot.ts'
import { bytes, percent } from './format.ts'
import type { LiveState } from './live.ts'

/** Only a local system, nothing in it, and nothing wrong but what the first run itself explains. */
export function isFirstRun({ systems, findings }: Snapshot): boolean {
  const [only] = systems
  if (systems.length !== 1 || only?.kind !== 'local' || only.counts.status !== 'known') return false
  return Object.values(only.counts.value).every((n) => n === 0) && findings.every(({ rule }) => rule === 'no-model')
}

export interface Need {
  readonly ready: boolean
  readonly title: string
  readonly sentence: string
  /** A share under way: a download, a build. */
  readonly progress: { readonly percent: number | null; readonly text: string } | null
}

export function modelNeed(host: LocalHost): Need {
  const { model, models, download } = host
  if (download !== null && download.failure === null) {
    const whole = download.totalBytes
    const text = `${bytes(download.doneBytes)}${whole === null ? '' : ` of ${bytes(whole)}`}`
    const share = whole === null ? null : percent(download.doneBytes, whole)
    return {
      ready: false,
      title: `Model ${download.name} is on its way`,
      sentence: 'Jobs wait for it.',
      progress: { percent: share, text },
    }
  }
  if (model === null)
    return {
      ready: false,
      title: 'No model yet',
      sentence: 'Download one, or import a ggml file. Jobs wait until then.',
      progress: null,
    }
  const file = models.find(({ name, path }) => name === model || path === model)
  const size = file === undefined ? '' : `, ${bytes(file.bytes)}`
  return { ready: true, title: 'Model is ready', sentence: `${file?.name ?? model}${size}`, progress: null }
}

export function engineNeed({ engine }: LocalHost): Need {
  switch (engine.state) {
    case 'ready':
      return {
        ready: true,
        title: 'Engine is ready',
        sentence: `whisper.cpp${engine.version === null ? '' : ` ${engine.version}`}, built for this processor.`,
        progress: null,
      }
    case 'building':
      return {
        ready: false,
        title: 'The engine is being built',
        sentence: 'whisper.cpp, once, for this processor: a minute or two.',
        progress: { percent: Math.floor(engine.percent), text: engine.step },
      }
    case 'missing': {
      const { because, remedy } = engine.failure
      return {
        ready: false,
        title: 'No engine yet',
        sentence: `${because}.${remedy === null ? '' : ` ${remedy}`}`,
        progress: null,
      }
    }
  }
}

export interface FirstRunModel {
  readonly model: Need
  readonly engine: Need
  /** Which of the three the primary button belongs to. */
  readonly primary: 'model' | 'engine' | 'files'
}

export function selectFirstRun({ snapshot }: LiveState): FirstRunModel | null {
  if (snapshot === null) return null
  const model = modelNeed(snapshot.host)
  const engine = engineNeed(snapshot.host)
  const missing = (need: Need) => !need.ready && need.progress === null
  return { model, engine, primary: missing(model) ? 'model' : missing(engine) ? 'engine' : 'files' }
}
