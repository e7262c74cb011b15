// How long another client of a Redis waits at worst, seen from a thread of its own.
import { Worker } from 'node:worker_threads'

export interface StallWatch {
  /** The longest answer to PING since this was last asked, ms. */
  worst(): Promise<number>
  end(): Promise<unknown>
}

export async function stallWatch(port: number): Promise<StallWatch> {
  const program = `
    const { parentPort, workerData } = require('node:worker_threads')
    const socket = require('node:net').connect(workerData, '127.0.0.1').setNoDelay(true)
    let worst = 0
    let sent = performance.now()
    const ping = () => { sent = performance.now(); socket.write('PING\\r\\n') }
    socket.on('connect', ping)
    socket.on('data', () => { worst = Math.max(worst, performance.now() - sent); setTimeout(ping, 1) })
    parentPort.on('message', () => { parentPort.postMessage(worst); worst = 0 })`
  const worker = new Worker(program, { eval: true, workerData: port })
  const worst = () =>
    new Promise<number>((resolve) => {
      worker.once('message', resolve)
      worker.postMessage('worst')
    })
  return { worst, end: () => worker.terminate() }
}
