// A process that uses an embedded Postgres and then waits: to be killed, or to stop it when its input ends.
import { embeddedPostgres } from '../../electron/adapters/embedded-postgres.ts'

const [folder = '', binaries] = process.argv.slice(2)
const database = embeddedPostgres({
  folder,
  ...(binaries === undefined ? {} : { binaries }),
  onNotice: (sentence) => process.stdout.write(`${JSON.stringify({ notice: sentence })}\n`),
})
try {
  const began = performance.now()
  const url = await database.url(AbortSignal.timeout(60_000))
  process.stdout.write(`${JSON.stringify({ url, tookMs: performance.now() - began })}\n`)
} catch (error) {
  process.stdout.write(`${JSON.stringify({ error: error instanceof Error ? error.message : String(error) })}\n`)
}
process.stdin.resume()
process.stdin.once('end', () => void database.stop().then(() => process.exit(0)))
