// Puts the app together in the page: link, client, live store, screen.
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createStore } from 'zustand/vanilla'
import { createActionFlow } from './action-flow.ts'
import { watchAlerts } from './alert-watch.ts'
import { App } from './app.tsx'
import { createClient, failureOf } from './client.ts'
import { failureText } from './format.ts'
import { connectFrom } from './links.ts'
import { createLive } from './live.ts'
import { watchTrend } from './message-trend.ts'
import { createNotices } from './notices.ts'
import { startNow } from './now.ts'
import { watchRoute } from './route.ts'
import { sendFile } from './send-file.ts'
import { type Panel, type Services, ServicesContext } from './services.tsx'
import { applyTheme, rememberedTheme } from './theme.ts'
import { createUploads } from './uploads.ts'
import { closeNotification, showNotification } from './web-notifications.ts'

applyTheme(rememberedTheme())
const client = createClient(connectFrom(location))
const live = createLive({
  open: (signal) => client.live(undefined, { signal }),
  nowMs: Date.now,
  wait: (ms, signal) =>
    new Promise((resolve) => {
      setTimeout(resolve, ms)
      signal.addEventListener('abort', () => resolve(), { once: true })
    }),
})
const notices = createNotices()
watchAlerts(live.store, {
  show(alert) {
    notices.alert(alert)
    showNotification(alert)
  },
  gone(group) {
    notices.settle(group)
    closeNotification(group)
  },
})
const services: Services = {
  client,
  live: live.store,
  now: startNow().store,
  route: watchRoute(window),
  panel: createStore<Panel>(() => null),
  notices,
  trend: watchTrend(live.store),
  flow: createActionFlow({
    preview: (request) => client.actions.preview(request),
    execute: (request, fingerprint) => client.actions.execute({ request, fingerprint }),
    undo: (id) => client.receipts.undo({ id }),
    failureOf,
    done: notices.receipt,
  }),
  uploads: createUploads({
    send: sendFile,
    add: (paths) => client.jobs.add({ system: 'local', paths }),
    reason: (thrown, tried) => failureText(failureOf(thrown, tried)),
  }),
}
void live.run(new AbortController().signal)
client.settings.get({}).then(
  ({ theme }) => applyTheme(theme),
  // The remembered one stays; the lost link is said by the live store.
  () => undefined,
)

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')
createRoot(root).render(
  <StrictMode>
    <ServicesContext value={services}>
      <App />
    </ServicesContext>
  </StrictMode>,
)
