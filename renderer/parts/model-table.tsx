// Models: what each needs, which is here, which is used; downloading and importing.
import type { LocalHost } from '../../electron/contract/snapshot.ts'
import { failureOf } from '../client.ts'
import { failureText } from '../format.ts'
import { type ModelRow, modelRows } from '../select-worker.ts'
import { type Services, useAnswer, useServices } from '../services.tsx'
import { Button } from './button.tsx'
import { Glyph } from './glyph.tsx'
import type { GlyphName } from './glyph-shapes.tsx'
import { ModelImport } from './model-import.tsx'
import { Progress } from './progress.tsx'
import { FailureNote, Section } from './section.tsx'

export function ModelTable({ host }: { host: LocalHost }) {
  const { download, model, models } = host
  // The catalogue changes with what is here and what is used, never with the bytes of a download.
  const key = `${download?.name ?? ''} ${model ?? ''} ${models.length}`
  const answer = useAnswer(key, 'List the models', (client, signal) => client.models.list({}, { signal }))
  const rows = modelRows(answer.value ?? [], host)
  return (
    <Section
      id="models"
      title="Models"
      note={model === null ? 'none is used yet: jobs wait' : 'larger understands better and takes longer'}
    >
      {answer.failure !== null && <FailureNote text={failureText(answer.failure)} again={answer.again} />}
      <table className="rows table-fixed" aria-label="Models">
        <thead>
          <tr>
            <th>Model</th>
            <th className="num w-[76px]">Size</th>
            <th className="num w-[84px]">Memory</th>
            <th className="w-[26%]">
              <span className="sr-only">State</span>
            </th>
            <th className="w-[104px]">
              <span className="sr-only">Action</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name}>
              <td className="clip" title={row.name}>
                {row.state === 'used' ? <b>{row.name}</b> : row.name}
              </td>
              <td className="num">{row.size}</td>
              <td className="num">{row.memory}</td>
              <td>
                <ModelState row={row} />
              </td>
              <td className="text-right">
                <ModelButton row={row} first={model === null && row.name === 'small'} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <ModelImport />
    </Section>
  )
}

const glyphs: Readonly<Record<ModelRow['state'], GlyphName | null>> = {
  used: 'done',
  here: 'ok',
  away: null,
  coming: 'running',
  broken: 'failed',
}

function ModelState({ row }: { row: ModelRow }) {
  const glyph = glyphs[row.state]
  if (row.state === 'coming')
    return (
      <span className="grid grid-cols-[minmax(40px,1fr)_auto] gap-2 items-center text-small">
        <Progress label={`Download of ${row.name}`} percent={row.share} text={row.note} />
        {row.note}
      </span>
    )
  return (
    <span className={`flex items-center gap-[6px] text-small ${row.state === 'broken' ? 'text-failed' : 'text-ink-2'}`}>
      {glyph !== null && <Glyph name={glyph} />}
      <span className="clip" title={row.note}>
        {row.note}
      </span>
    </span>
  )
}

function ModelButton({ row, first }: { row: ModelRow; first: boolean }) {
  const services = useServices()
  if (row.state === 'used') return null
  const [label, run] = verb(row, services)
  const say = (error: unknown) => services.notices.say(failureText(failureOf(error, `${label} ${row.name}`)), true)
  return (
    <Button
      small
      tone={first ? 'primary' : 'plain'}
      label={`${label} ${row.name}`}
      onPress={() => void run().catch(say)}
    >
      {label}
    </Button>
  )
}

function verb(row: ModelRow, { client, notices }: Services): [label: string, run: () => Promise<void>] {
  if (row.state === 'coming') return ['Stop', async () => void (await client.models.cancelDownload({}))]
  const { file } = row
  if (file === null) return ['Download', async () => void (await client.models.download({ name: row.name }))]
  const select = async () => {
    const result = await client.models.select({ fileName: file })
    notices.say(result.ok ? result.sentence : failureText(result.failure), !result.ok)
  }
  return ['Use', select]
}
