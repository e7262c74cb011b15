// Plays a window in another thread: it has a port and the contract, nothing else.
import { type MessagePort, workerData } from 'node:worker_threads'
import { createORPCClient, ORPCError } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import type { Client } from '../../electron/server/attached-core.ts'

const { port, control } = workerData as { port: MessagePort; control: MessagePort }
const client: Client = createORPCClient(new RPCLink({ port }))
port.start()

let live: Awaited<ReturnType<Client['live']>> | null = null

async function answer(what: string): Promise<unknown> {
  if (what === 'page') return (await client.jobs.page({ system: 'local', state: 'queued' })).jobs.map(({ id }) => id)
  if (what === 'failure')
    return client.jobs.detail({ system: 'local', id: 'nope' }).catch((error: unknown) => {
      return error instanceof ORPCError ? `${error.code} ${error.data.kind}` : 'not an ORPCError'
    })
  live ??= await client.live()
  const next = await live.next()
  return next.done ? 'done' : next.value.kind
}

control.on('message', (what: string) => {
  answer(what).then(
    (ok) => control.postMessage({ ok }),
    (error: unknown) => control.postMessage({ error: String(error) }),
  )
})
