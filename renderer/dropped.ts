// What was dropped on the window: files as they are, folders walked to their recordings.
const recordings = /\.(m4a|mp3|wav|flac|ogg|oga|opus|aac|wma|amr|aif|aiff|webm|mp4|m4v|mov|mkv|avi|3gp|ts)$/i

export interface Dropped {
  readonly files: readonly File[]
  /** Left out because they are not recordings; only from within folders. */
  readonly left: number
}

/** Must be called in the drop event itself: afterwards the items are gone. */
export function readDrop(items: DataTransferItemList): Promise<Dropped> {
  const taken = [...items].filter(({ kind }) => kind === 'file').map(readItem)
  return Promise.all(taken).then(joined)
}

/** A file made by a script has no entry, only itself. */
function readItem(item: DataTransferItem): Promise<Dropped> {
  const entry = item.webkitGetAsEntry()
  const file = item.getAsFile()
  return entry === null ? Promise.resolve({ files: file === null ? [] : [file], left: 0 }) : walk(entry, false)
}

/** A folder chosen in the dialog comes as a flat list that holds everything. */
export function onlyRecordings(files: readonly File[]): Dropped {
  const kept = files.filter((file) => recordings.test(file.name))
  return { files: kept, left: files.length - kept.length }
}

async function walk(entry: FileSystemEntry, inFolder: boolean): Promise<Dropped> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))
    return inFolder ? onlyRecordings([file]) : { files: [file], left: 0 }
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  const all: FileSystemEntry[] = []
  // Chromium gives at most 100 entries a time, and an empty list at the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (some.length === 0) break
    all.push(...some)
  }
  return joined(await Promise.all(all.map((one) => walk(one, true))))
}

function joined(parts: readonly Dropped[]): Dropped {
  return { files: parts.flatMap(({ files }) => files), left: parts.reduce((sum, { left }) => sum + left, 0) }
}
