// The frame: title bar, sidebar, the view of the address, and what floats above all views.
import { useEffect } from 'react'
import { onKeyDown, useKey } from './keys.ts'
import { AddDialog } from './parts/add-dialog.tsx'
import { DropTarget } from './parts/drop-target.tsx'
import { FindDialog } from './parts/find-dialog.tsx'
import { KeysDialog } from './parts/keys-dialog.tsx'
import { LostBar } from './parts/lost-bar.tsx'
import { NoticeList } from './parts/notice-list.tsx'
import { PreviewDialog } from './parts/preview-dialog.tsx'
import { ReplayBar } from './parts/replay-bar.tsx'
import { SampleBar } from './parts/sample-bar.tsx'
import { SideBar } from './parts/side-bar.tsx'
import { TitleBar } from './parts/title-bar.tsx'
import { UndoDialog } from './parts/undo-dialog.tsx'
import { UploadStrip } from './parts/upload-strip.tsx'
import { go, type Route } from './route.ts'
import { useServices, useStore } from './services.tsx'
import { ActView } from './views/act.tsx'
import { FindingsView } from './views/findings.tsx'
import { HistoryView } from './views/history.tsx'
import { JobView } from './views/job.tsx'
import { JobsView } from './views/jobs.tsx'
import { OverviewView } from './views/overview.tsx'
import { PastView } from './views/past.tsx'
import { ProofView } from './views/proof.tsx'
import { QueuesView } from './views/queues.tsx'
import { SamplesView } from './views/samples.tsx'
import { SettingsView } from './views/settings.tsx'
import { StackView } from './views/stack.tsx'
import { SystemView } from './views/system.tsx'
import { WorkersView } from './views/workers.tsx'

export function App() {
  const { route, panel } = useServices()
  const here = useStore(route)
  useEffect(() => {
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [])
  useKey('Ctrl+k', () => panel.setState('find', true))
  useKey('?', () => panel.setState('keys', true))
  useKey('Ctrl+,', () => go({ view: 'settings', part: 'general' }))
  // Only to where Unjam itself was: never out of it.
  useKey('Escape', () => (navigation.canGoBack ? history.back() : go({ view: 'overview' })))
  return (
    <DropTarget>
      <div className="app">
        <TitleBar />
        <div className="col-span-full row-start-2">
          <LostBar />
          <SampleBar />
          <ReplayBar />
        </div>
        <SideBar />
        <View route={here} />
      </div>
      <UploadStrip />
      <FindDialog />
      <KeysDialog />
      <AddDialog />
      <PreviewDialog />
      <UndoDialog />
      <NoticeList />
    </DropTarget>
  )
}

function View({ route }: { route: Route }) {
  switch (route.view) {
    case 'overview':
      return <OverviewView finding={null} />
    case 'finding':
      return <OverviewView finding={route.key} />
    case 'findings':
      return <FindingsView />
    case 'act':
      return <ActView key={JSON.stringify(route)} route={route} />
    case 'jobs':
      return <JobsView system={route.system} state={route.state} />
    case 'job':
      return <JobView key={`${route.system}/${route.id}`} system={route.system} id={route.id} />
    case 'queues':
      return <QueuesView route={route} />
    case 'workers':
      return <WorkersView part={route.part} />
    case 'stack':
      return <StackView route={route} />
    case 'proof':
      return <ProofView route={route} />
    case 'system':
      return <SystemView key={route.id} id={route.id} />
    case 'history':
      return <HistoryView />
    case 'past':
      return <PastView system={route.system} />
    case 'samples':
      return <SamplesView name={route.name} />
    case 'settings':
      return <SettingsView part={route.part} />
  }
}
