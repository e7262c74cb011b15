// Sends one file's raw bytes with progress. XMLHttpRequest, because fetch cannot tell how much has been sent.
export function sendFile(file: File, onSent: (bytes: number) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', `/files?name=${encodeURIComponent(file.name)}`)
    request.setRequestHeader('content-type', 'application/octet-stream')
    let idle = armed()
    // Not a limit on the whole: a large file may take as long as it moves.
    function armed() {
      return setTimeout(() => request.abort(), 30_000)
    }
    request.upload.onprogress = (event) => {
      clearTimeout(idle)
      idle = armed()
      onSent(event.loaded)
    }
    request.onloadend = () => {
      clearTimeout(idle)
      const path = pathIn(request.responseText)
      if (request.status >= 200 && request.status < 300 && path !== null) resolve(path)
      else
        reject(new Error(request.status === 0 ? 'the transfer was interrupted' : `the host answered ${request.status}`))
    }
    request.send(file)
  })
}

function pathIn(text: string): string | null {
  try {
    const answer: unknown = JSON.parse(text)
    if (typeof answer !== 'object' || answer === null || !('path' in answer)) return null
    return typeof answer.path === 'string' ? answer.path : null
  } catch {
    // Not an answer of ours: the status says more than the text.
    return null
  }
}
