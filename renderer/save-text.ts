// Hands a text or a file to the browser as a download, under the name it was given.
interface Named {
  readonly fileName: string
  readonly mimeType: string
}

export function saveText({ text, ...named }: Named & { readonly text: string }): void {
  save(named, text)
}

export function saveBytes({ base64, ...named }: Named & { readonly base64: string }): void {
  save(
    named,
    Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)),
  )
}

function save({ fileName, mimeType }: Named, part: BlobPart): void {
  const url = URL.createObjectURL(new Blob([part], { type: mimeType }))
  const link = document.createElement('a')
  link.href = url
  link.download = fileName
  document.body.append(link)
  link.click()
  link.remove()
  // The download has its own reference once the click has been handled.
  setTimeout(() => URL.revokeObjectURL(url), 1000)
}
