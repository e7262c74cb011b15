// The formats a transcript can be had in, as the menu shows them.
import type { TranscriptFormat } from '../electron/contract/job.ts'

export const TranscriptFormats: readonly { format: TranscriptFormat; title: string; note: string }[] = [
  { format: 'txt', title: 'txt', note: 'plain text' },
  { format: 'srt', title: 'srt', note: 'subtitles for players' },
  { format: 'vtt', title: 'vtt', note: 'subtitles for browsers' },
  { format: 'json', title: 'json', note: 'segments with times in ms' },
]
