// Folders of recordings as one line of text: `/recordings = C:\app\recordings; /archive = \\nas\calls`.
import type { SharedFolder } from '../electron/contract/worker-protocol.ts'

export function folderText(folders: readonly SharedFolder[]): string {
  return folders.map(({ inside, here }) => `${inside} = ${here}`).join('; ')
}

/** null when a part of it is no pair of two whole paths. */
export function foldersIn(text: string): SharedFolder[] | null {
  const folders: SharedFolder[] = []
  for (const part of text.split(';').map((one) => one.trim())) {
    if (part === '') continue
    const [, inside, here] = /^(\/[^=]*?)\s*=\s*((?:[a-z]:[\\/]|\\\\|\/).*)$/i.exec(part) ?? []
    if (inside === undefined || here === undefined) return null
    folders.push({ inside, here })
  }
  return folders
}
