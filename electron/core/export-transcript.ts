// A transcript as a file: plain text, SubRip, WebVTT or JSON, always from segments with times.
import { assertNever } from '../contract/failure.ts'
import type { Segment, TranscriptFormat } from '../contract/job.ts'

export interface ExportedTranscript {
  readonly fileName: string
  readonly mimeType: string
  readonly text: string
}

/**
 * The transcript of `title` in a format. Segments without words are left out; times that overlap or run backwards are
 * put in order, because players refuse cues that do. The file name is safe on every platform.
 */
export function exportTranscript(
  title: string,
  segments: readonly Segment[],
  format: TranscriptFormat,
): ExportedTranscript {
  const fileName = `${fileStem(title)}.${format}`
  const cues = inOrder(segments)
  switch (format) {
    case 'txt':
      return { fileName, mimeType: 'text/plain; charset=utf-8', text: cues.map(({ text }) => `${text}\n`).join('') }
    case 'srt':
      return { fileName, mimeType: 'application/x-subrip; charset=utf-8', text: cues.map(srtCue).join('') }
    case 'vtt':
      return { fileName, mimeType: 'text/vtt; charset=utf-8', text: `WEBVTT\n\n${cues.map(vttCue).join('')}` }
    case 'json':
      return {
        fileName,
        mimeType: 'application/json',
        text: `${JSON.stringify({ title, segments: cues }, null, 2)}\n`,
      }
    default:
      return assertNever(format)
  }
}

/** One line a cue: a blank line inside would end it in SRT and VTT alike. */
function inOrder(segments: readonly Segment[]): Segment[] {
  let until = 0
  return segments
    .map(({ startMs, endMs, text }) => ({ startMs, endMs, text: text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim() }))
    .filter(({ text }) => text !== '')
    .toSorted((a, b) => a.startMs - b.startMs)
    .map(({ startMs, endMs, text }) => {
      const from = Math.max(until, Math.round(startMs))
      until = Math.max(from, Math.round(endMs))
      return { startMs: from, endMs: until, text }
    })
}

/** `H:MM:SS` and ms; hours have at least two digits and as many as they need. */
function clock(ms: number, point: ',' | '.'): string {
  const pad = (value: number, width = 2) => String(value).padStart(width, '0')
  const seconds = Math.floor(ms / 1000)
  const time = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map((part) => pad(part))
  return `${time.join(':')}${point}${pad(ms % 1000, 3)}`
}

function srtCue({ startMs, endMs, text }: Segment, index: number): string {
  // SRT has no escape; an arrow in the text is read as a line of times by strict players.
  return `${index + 1}\n${clock(startMs, ',')} --> ${clock(endMs, ',')}\n${text.replaceAll(/-{2,}>/g, '->')}\n\n`
}

function vttCue({ startMs, endMs, text }: Segment): string {
  // WebVTT cue text: & and < begin markup, and the arrow may not stand in it (W3C WebVTT 1 §4.2.2).
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return `${clock(startMs, '.')} --> ${clock(endMs, '.')}\n${escaped}\n\n`
}

const reserved = /^(con|prn|aux|nul|com\d|lpt\d)$/i

/** The recording's name without its extension, without what any file system refuses, at most 120 characters. */
function fileStem(title: string): string {
  const stem = title
    .replace(/\.[\p{L}\p{N}]{1,5}$/u, '')
    .replaceAll(/[\p{Cc}\p{Cs}<>:"/\\|?*]+/gu, '_')
    .replaceAll(/^[\s.]+|[\s.]+$/gu, '')
  const short = Array.from(stem).slice(0, 120).join('').trimEnd()
  if (short === '') return 'transcript'
  return reserved.test(short) ? `${short}_` : short
}
