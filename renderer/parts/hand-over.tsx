// What is handed to somebody else: the incident report to read or print, the bundle for another Unjam.
import { useState } from 'react'
import { failureOf } from '../client.ts'
import { bytes, failureText } from '../format.ts'
import { saveBytes, saveText } from '../save-text.ts'
import { useServices } from '../services.tsx'
import { Button } from './button.tsx'
import { OpenBundle } from './open-bundle.tsx'

export function HandOver({ fromMs, toMs }: { fromMs: number; toMs: number }) {
  const { client, notices } = useServices()
  const [anonymous, setAnonymous] = useState(false)
  const [busy, setBusy] = useState(false)
  const span = { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), anonymous }
  const hand = (tried: string, work: () => Promise<string>) => {
    setBusy(true)
    work()
      .then(
        (done) => notices.say(done),
        (error: unknown) => notices.say(failureText(failureOf(error, tried)), true),
      )
      .finally(() => setBusy(false))
  }
  const report = (format: 'html' | 'markdown') =>
    hand('Make the report', async () => {
      const file = await client.history.report({ ...span, format })
      saveText(file)
      return `Saved as ${file.fileName}. Secrets are redacted.`
    })
  const bundle = () =>
    hand('Make the bundle', async () => {
      const file = await client.history.bundle(span)
      saveBytes(file)
      return `Saved as ${file.fileName}, ${bytes(file.bytes)}. Another Unjam opens it with: unjam open ${file.fileName}`
    })
  return (
    <fieldset className="flex flex-wrap items-center gap-2" aria-label="Hand over">
      <label className="flex items-center gap-2 mr-2 text-small text-ink-2">
        <input type="checkbox" checked={anonymous} onChange={(event) => setAnonymous(event.target.checked)} />
        Without names of recordings
      </label>
      <Button small busy={busy} onPress={() => report('html')}>
        Incident report
      </Button>
      <Button small busy={busy} onPress={() => report('markdown')}>
        As Markdown
      </Button>
      <Button small busy={busy} onPress={bundle}>
        Bundle
      </Button>
      <OpenBundle />
    </fieldset>
  )
}
