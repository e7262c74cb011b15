// A stand-in for whisper-cli that takes a fixed time for a minute of audio and next to no processor: a shell script.
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Writes it into `folder`; `minuteMs` is the wall time of one minute of audio. */
export async function pacedEngine(folder: string, minuteMs: number): Promise<string> {
  const path = join(folder, 'whisper-cli')
  // 16 kHz mono s16 has 1,920,000 bytes a minute.
  const script = `#!/bin/sh
sleep "$(awk "BEGIN { print $(wc -c < chunk.wav) / 1920000 * ${minuteMs / 1000} }")"
printf '%s' '{"model":{"multilingual":true},"result":{"language":"en"},"transcription":[{"offsets":{"from":0,"to":900},"text":" word","tokens":[{"text":" word","id":1,"offsets":{"from":0,"to":900}}]}]}' > words.json
`
  await writeFile(path, script)
  await chmod(path, 0o755)
  return path
}
