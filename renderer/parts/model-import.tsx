// A ggml file from this computer, by its path or by sending it.
import { useRef, useState } from 'react'
import { failureOf } from '../client.ts'
import { failureText } from '../format.ts'
import { sendFile } from '../send-file.ts'
import { useServices } from '../services.tsx'
import { Button } from './button.tsx'

export function ModelImport() {
  const { client, notices } = useServices()
  const field = useRef<HTMLInputElement>(null)
  const [path, setPath] = useState('')
  const [doing, setDoing] = useState<string | null>(null)
  const [wrong, setWrong] = useState<string | null>(null)
  const bring = async (from: () => Promise<string>) => {
    setDoing('Importing')
    setWrong(null)
    try {
      const result = await client.models.import({ path: await from() })
      if (!result.ok) return setWrong(failureText(result.failure))
      notices.say(result.sentence)
      setPath('')
    } catch (error) {
      setWrong(failureText(failureOf(error, 'Import a model')))
    } finally {
      setDoing(null)
    }
  }
  const send = (file: File | undefined) => {
    if (file !== undefined)
      void bring(() => sendFile(file, (sent) => setDoing(`Sending, ${Math.floor((sent / file.size) * 100)} %`)))
  }
  return (
    <form
      className="flex flex-wrap items-center gap-2 pt-3"
      onSubmit={(event) => {
        event.preventDefault()
        void bring(() => Promise.resolve(path.trim()))
      }}
    >
      <input
        className="field flex-1"
        aria-label="Path of a model file"
        placeholder="Path of a ggml model file on this computer"
        value={path}
        onChange={(event) => {
          setPath(event.target.value)
          setWrong(null)
        }}
      />
      <button type="submit" className="btn small" disabled={path.trim() === '' || doing !== null}>
        {doing ?? 'Import'}
      </button>
      <input
        ref={field}
        type="file"
        accept=".bin,.gguf"
        hidden
        aria-label="Model file"
        onChange={(event) => send(event.target.files?.[0])}
      />
      <Button small busy={doing !== null} onPress={() => field.current?.click()}>
        Choose a file…
      </Button>
      {wrong !== null && (
        <p role="alert" className="w-full text-small text-failed">
          {wrong}
        </p>
      )}
    </form>
  )
}
