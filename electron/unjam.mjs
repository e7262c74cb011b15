#!/usr/bin/env node
// The `unjam` command for any Node ≥ 20: hands over to cli.ts, which needs Node 24, the one that comes with the project.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const cli = join(here, 'cli.ts')
/** Compiled code of earlier runs halves the time to start; where it cannot be written, nothing is lost. */
const compiled = process.env.NODE_COMPILE_CACHE ?? join(here, '..', 'node_modules', '.cache', 'unjam')

/** The Node 24 that npm installed beside us; when Unjam is itself a dependency, it lies in a folder further up. */
function ownNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const program = join(`node-${platform}-${process.arch}`, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  for (let folder = dirname(here); ; folder = dirname(folder)) {
    const found = join(folder, 'node_modules', program)
    if (existsSync(found)) return found
    if (folder === dirname(folder)) return null
  }
}

function handOver(node) {
  // The extra channel tells cli.ts when this process is gone, however it went; no signal can do that.
  const child = spawn(node, [cli, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, NODE_COMPILE_CACHE: compiled },
  })
  child.on('error', (error) => {
    console.error(`Unjam could not start its own Node (${node}): ${error.message}.`)
    process.exitCode = 70
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => {
      // A console's Ctrl-C reaches the child by itself on Windows, where kill would end it at once.
      if (process.platform !== 'win32') child.kill(signal)
    })
  child.on('exit', (code, signal) => {
    process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))
  })
}

if (Number.parseInt(process.versions.node, 10) >= 24) {
  module.enableCompileCache(compiled)
  await import(pathToFileURL(cli).href)
} else {
  const node = ownNode()
  if (node === null) {
    console.error(`Unjam needs Node 24 or newer, this is ${process.version}: run npm ci in ${dirname(here)}.`)
    process.exitCode = 70
  } else handOver(node)
}
