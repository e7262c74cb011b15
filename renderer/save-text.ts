// Hands a text to the browser as a download, under the name it was given.
export function saveText({ fileName, mimeType, text }: { fileName: string; mimeType: string; text: string }): void {
  const url = URL.createObjectURL(new Blob([text], { type: mimeType }))
  const link = document.createElement('a')
  link.href = url
  link.download = fileName
  document.body.append(link)
  link.click()
  link.remove()
  // The download has its own reference once the click has been handled.
  setTimeout(() => URL.revokeObjectURL(url), 1000)
}
