// Light, dark, or as the system is: the setting lives in settings.json, a copy here avoids a flash at the start.
import type { Settings } from '../electron/contract/settings.ts'

export type Theme = Settings['theme']
const KEY = 'unjam-theme'

export function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
  try {
    localStorage.setItem(KEY, theme)
  } catch {
    // Storage may be forbidden; the setting itself is kept by the core.
    return
  }
}

export function rememberedTheme(): Theme {
  try {
    const kept = localStorage.getItem(KEY)
    return kept === 'light' || kept === 'dark' ? kept : 'system'
  } catch {
    return 'system'
  }
}
