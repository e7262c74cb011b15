// Who asks, as receipts write it: the account this process runs under and the link it came by.
import { userInfo } from 'node:os'
import type { Caller } from '../core/api.ts'

/** The caller behind one link of this machine; `via` is decided by the link, never by a message. */
export function localCaller(via: Caller['via']): Caller {
  return { actor: `${userName()} (${via})`, via }
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // An account without an entry in the user database (containers with an arbitrary uid) has a number only.
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
