// The window's only bridge: hands one end of a channel that our page made to the main process. Built as one CJS file.
import { ipcRenderer } from 'electron'

window.addEventListener('message', (event) => {
  const [port] = event.ports
  const ours = event.source === window && event.origin === location.origin && event.data === 'rpc:open'
  if (ours && port !== undefined) ipcRenderer.postMessage('rpc:open', null, [port])
})
