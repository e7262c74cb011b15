// A process that takes a lock, says whether it got it, and holds it until it is killed.
import { tryLock } from '../../electron/adapters/file-lock.ts'

const [file = '', mode] = process.argv.slice(2)
const lock = tryLock(file, mode === 'shared' ? 'shared' : 'exclusive')
process.stdout.write(lock === null ? 'busy\n' : 'held\n')
process.stdin.resume()
