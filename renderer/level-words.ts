// The word of each level, as every screen says it.
import type { Level } from './select.ts'

export const levelWords: Readonly<Record<Level, string>> = {
  critical: 'Critical',
  warning: 'Attention',
  info: 'Good to know',
  unknown: 'Cannot read',
  clear: 'Clear',
}
