// The tray icon: shape and tooltip are the verdict, the menu has counts, what runs, the first remedy and the way back.
import { join } from 'node:path'
import { app, Menu, type MenuItemConstructorOptions, nativeTheme, Tray } from 'electron'
import type { Snapshot } from '../contract/snapshot.ts'
import { visibleLine, visibleText } from '../contract/visible-text.ts'
import type { Address } from './address.ts'
import { type TrayLine, type TrayView, trayView } from './tray-view.ts'

/** Redrawing closes an open menu on Windows: progress alone redraws it no more often. */
const PROGRESS_MS = 15_000

export interface TrayOptions {
  readonly icons: string
  /** Opens the window, at this address where one is given. */
  open(at?: Address): void
  /** Alerts about these findings stay quiet for an hour. */
  snooze(keys: readonly string[]): void
  /** Whether the core runs elsewhere and goes on after quitting. */
  attached(): boolean
}

/** Shows "cannot look" until told otherwise. */
export function createTray(options: TrayOptions): { show(snapshot: Snapshot | null): void } {
  let view = trayView(null)
  let drawnMs = Number.NEGATIVE_INFINITY
  const tray = new Tray(iconOf(options.icons, view))
  function draw(): void {
    drawnMs = performance.now()
    tray.setImage(iconOf(options.icons, view))
    tray.setToolTip(visibleText(view.tooltip))
    tray.setContextMenu(menuOf(view, options))
  }
  draw()
  tray.on('click', () => options.open())
  // The taskbar has a theme of its own, and it may change while we run.
  nativeTheme.on('updated', draw)
  return {
    show(snapshot) {
      const next = trayView(snapshot)
      if (JSON.stringify(next) === JSON.stringify(view)) return
      const progress = JSON.stringify({ ...next, running: [] }) === JSON.stringify({ ...view, running: [] })
      if (progress && next.running.length === view.running.length && performance.now() - drawnMs < PROGRESS_MS) return
      view = next
      draw()
    },
  }
}

function iconOf(folder: string, { state }: TrayView): string {
  const taskbar = nativeTheme.shouldUseDarkColorsForSystemIntegratedUI ? 'dark' : 'light'
  return join(folder, `tray-${state}-${taskbar}.png`)
}

function menuOf(view: TrayView, { open, snooze, attached }: TrayOptions): Menu {
  const { verdict, opens, remedy, counts, running, actions, alerting } = view
  const line = ({ label, opens }: TrayLine) => ({ label: visibleLine(label), click: () => open(opens) })
  const group = (lines: MenuItemConstructorOptions[]): MenuItemConstructorOptions[] =>
    lines.length === 0 ? [] : [...lines, { type: 'separator' }]
  return Menu.buildFromTemplate([
    ...group([
      opens === null ? { label: visibleLine(verdict), enabled: false } : line({ label: verdict, opens }),
      ...(remedy === null ? [] : [line(remedy)]),
    ]),
    ...group([{ label: counts, enabled: false }]),
    ...group(running.map(line)),
    ...group(actions.map(line)),
    { label: 'Open Unjam', click: () => open() },
    ...(alerting.length === 0 ? [] : [{ label: 'Snooze alerts for 1 h', click: () => snooze(alerting) }]),
    { label: attached() ? 'Quit; the worker keeps running' : 'Quit Unjam', click: () => app.quit() },
  ])
}
