// The tray icon: shape and tooltip are the verdict, the menu has counts, the first remedy and the way back.
import { join } from 'node:path'
import { app, Menu, nativeTheme, Tray } from 'electron'
import type { Snapshot } from '../contract/snapshot.ts'
import { type TrayView, trayView } from './tray-view.ts'

export interface TrayOptions {
  readonly icons: string
  /** Opens the window, where the verdict and its remedy stand first. */
  open(): void
  /** Whether the core runs elsewhere and goes on after quitting. */
  attached(): boolean
}

/** Shows "cannot look" until told otherwise. */
export function createTray(options: TrayOptions): { show(snapshot: Snapshot | null): void } {
  let view = trayView(null)
  const tray = new Tray(iconOf(options.icons, view))
  function draw(): void {
    tray.setImage(iconOf(options.icons, view))
    tray.setToolTip(view.tooltip)
    tray.setContextMenu(menuOf(view, options))
  }
  draw()
  tray.on('click', options.open)
  // The taskbar has a theme of its own, and it may change while we run.
  nativeTheme.on('updated', draw)
  return {
    show(snapshot) {
      const next = trayView(snapshot)
      const same = JSON.stringify(next) === JSON.stringify(view)
      view = next
      // Redrawing closes an open menu on Windows.
      if (!same) draw()
    },
  }
}

function iconOf(folder: string, { state }: TrayView): string {
  const taskbar = nativeTheme.shouldUseDarkColorsForSystemIntegratedUI ? 'dark' : 'light'
  return join(folder, `tray-${state}-${taskbar}.png`)
}

function menuOf({ verdict, remedy, counts }: TrayView, { open, attached }: TrayOptions): Menu {
  return Menu.buildFromTemplate([
    { label: verdict, enabled: false },
    ...(remedy === null ? [] : [{ label: `${remedy}…`, click: open }]),
    { type: 'separator' },
    { label: counts, enabled: false },
    { type: 'separator' },
    { label: 'Open Unjam', click: open },
    { label: attached() ? 'Quit; the worker keeps running' : 'Quit Unjam', click: () => app.quit() },
  ])
}
