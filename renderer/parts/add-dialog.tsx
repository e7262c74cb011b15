// Adding recordings: chosen files, a whole folder, or a path on the computer Unjam runs on.
import { useRef, useState } from 'react'
import { onlyRecordings } from '../dropped.ts'
import { count } from '../format.ts'
import { useKey } from '../keys.ts'
import { useServices, useStore } from '../services.tsx'
import { sumUploads } from '../uploads.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { UploadList } from './upload-list.tsx'

export function AddDialog() {
  const { panel, uploads } = useServices()
  const open = useStore(panel) === 'add'
  useKey('a', () => panel.setState('add', true))
  const close = () => {
    panel.setState(null, true)
    uploads.clear()
  }
  return (
    <Dialog
      open={open}
      onClose={close}
      width={720}
      title="Add files"
      description="Recordings of any kind with sound in them. They can also be dropped anywhere on this window."
      footer={<Footer onClose={close} />}
    >
      <div className="body flex flex-col min-h-[280px]">
        <Choices />
        <UploadList />
      </div>
    </Dialog>
  )
}

function Footer({ onClose }: { onClose: () => void }) {
  const { uploads } = useServices()
  const { added, duplicate, refused, open } = sumUploads(useStore(uploads.store))
  return (
    <>
      <span role="status" className="text-small text-ink-2">
        {added + duplicate + refused > 0 && `${added} added, ${duplicate} already here, ${refused} refused`}
        {open > 0 && ` · ${open} on their way`}
      </span>
      <span className="ml-auto">
        <Button onPress={onClose} shortcut={{ key: 'Escape', text: 'Esc', inDialog: true }}>
          {open > 0 ? 'Close, it goes on' : 'Close'}
        </Button>
      </span>
    </>
  )
}

function Choices() {
  const { uploads, notices } = useServices()
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const [path, setPath] = useState('')
  const take = (list: FileList | null, fromFolder: boolean) => {
    const chosen = fromFolder ? onlyRecordings([...(list ?? [])]) : { files: [...(list ?? [])], left: 0 }
    if (chosen.left > 0) notices.say(`${count(chosen.left, 'file')} in the folder left out: not recordings.`)
    void uploads.addFiles(chosen.files)
  }
  const addPath = (event: React.FormEvent) => {
    event.preventDefault()
    if (path.trim() === '') return
    void uploads.addPaths([path.trim()])
    setPath('')
  }
  return (
    <div className="flex items-center gap-2 py-3 border-y border-line">
      <Button tone="primary" onPress={() => files.current?.click()} shortcut={{ key: 'f', text: 'F', inDialog: true }}>
        Choose files…
      </Button>
      <Button onPress={() => folder.current?.click()} shortcut={{ key: 'd', text: 'D', inDialog: true }}>
        Choose a folder…
      </Button>
      <input
        ref={files}
        type="file"
        multiple
        hidden
        aria-label="Files"
        onChange={(event) => take(event.target.files, false)}
      />
      <input
        ref={folder}
        type="file"
        hidden
        aria-label="Folder"
        {...{ webkitdirectory: '' }}
        onChange={(event) => take(event.target.files, true)}
      />
      <form className="flex-1 flex gap-2 ml-3 min-w-0" onSubmit={addPath}>
        <input
          className="field flex-1 !h-8"
          aria-label="Path on this computer"
          placeholder="or a path on this computer"
          value={path}
          onChange={(event) => setPath(event.target.value)}
        />
        <button type="submit" className="btn" disabled={path.trim() === ''}>
          Add
        </button>
      </form>
    </div>
  )
}
