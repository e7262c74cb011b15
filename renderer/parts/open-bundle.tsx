// Opens a bundle somebody handed over: it is served at an address of its own, beside what runs.
import { useRef, useState } from 'react'
import { failureOf } from '../client.ts'
import { failureText } from '../format.ts'
import { useServices } from '../services.tsx'
import { Button } from './button.tsx'
import { CopyButton } from './copy-button.tsx'

/** Of one message to the core, less what base64 adds; larger ones are opened by command. */
const MOST_BYTES = 700_000

/** The desktop window never leaves its own origin, and opens no other program. */
const inWindow = location.protocol === 'app:'

export function OpenBundle() {
  const { client, notices } = useServices()
  const field = useRef<HTMLInputElement>(null)
  const [url, setUrl] = useState<string | null>(null)
  const open = async (file: File) => {
    if (file.size > MOST_BYTES) {
      notices.say(`Open the bundle (${file.name}): it is too large for this. Open it with: unjam open FILE.`, true)
      return
    }
    try {
      const bytes = new Uint8Array(await file.arrayBuffer())
      const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
      setUrl((await client.history.open({ base64 })).url)
    } catch (error) {
      notices.say(failureText(failureOf(error, 'Open the bundle')), true)
    }
  }
  return (
    <>
      <input
        ref={field}
        type="file"
        accept=".unjam"
        className="sr-only"
        tabIndex={-1}
        aria-label="File of a bundle"
        onChange={(event) => {
          const [file] = event.target.files ?? []
          if (file !== undefined) void open(file)
          event.target.value = ''
        }}
      />
      {url === null ? (
        <Button small onPress={() => field.current?.click()}>
          Open a bundle…
        </Button>
      ) : inWindow ? (
        <span className="flex items-center gap-2 text-small text-ink-2">
          For a browser on this computer, once: <code className="select-all">{url}</code> <CopyButton text={url} />
        </span>
      ) : (
        <a className="btn small primary" href={url} target="_blank" rel="noreferrer" onClick={() => setUrl(null)}>
          Show the bundle
        </a>
      )}
    </>
  )
}
