// An address that opens the preview of an action over the overview: from a tray or a kept link; nothing is done by it.
import { useEffect, useRef } from 'react'
import { ActionId } from '../parts/action-list.ts'
import { hashOf, type Route } from '../route.ts'
import { useServices } from '../services.tsx'
import { OverviewView } from './overview.tsx'

export function ActView({ route }: { route: Extract<Route, { view: 'act' }> }) {
  const { flow } = useServices()
  const opened = useRef(false)
  useEffect(() => {
    if (opened.current) return
    opened.current = true
    const { system, action, ids, params, label } = route
    void flow.open({ action: ActionId(action), system, target: ids === null ? 'all' : [...ids], params }, label)
    // Going back must not open it again.
    location.replace(hashOf({ view: 'overview' }))
  }, [flow, route])
  return <OverviewView finding={null} />
}
