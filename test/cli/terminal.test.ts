// What a terminal receives: no character that steers it, in whatever a title, a queue name or an error contains.
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { columns, pairs } from '../../electron/cli/columns.ts'
import { openTerminal } from '../../electron/cli/terminal.ts'
import { plainText } from '../../electron/core/report/markdown.ts'
import { escapeHtml } from '../../electron/core/report/svg.ts'

const SPOOF = 'call\u202egpj.exe \u001b]0;root\u0007\u009b2J'
const SHOWN = 'call\\u202egpj.exe ␛]0;root␇\\u009b2J'

function open(json: boolean, isTTY: boolean) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()].map((stream) => Object.assign(stream, { isTTY }))
  const terminal = openTerminal(json, stdout!, stderr!)
  const text = (stream: PassThrough) => String(stream.read() ?? '')
  return { terminal, out: () => text(stdout!), err: () => text(stderr!) }
}

test('results, sentences and progress are spelled out, line by line', () => {
  for (const isTTY of [true, false]) {
    const { terminal, out, err } = open(false, isTTY)
    terminal.result({}, () => `${SPOOF}\n\tindented`)
    expect(out()).toBe(`${SHOWN}\n\tindented\n`)
    terminal.say(SPOOF)
    terminal.progress(SPOOF, true)
    expect(err()).toBe(`${SHOWN}\n${SHOWN}\n`)
    terminal.progress(SPOOF, false)
    expect(err()).toBe(isTTY ? SHOWN : '')
  }
})

test('a document is the same to a parser and has no raw control or bidi character', () => {
  const document = { [SPOOF]: [SPOOF, 'שיחה 👩🏽‍🚀'] }
  const { terminal, out } = open(true, false)
  terminal.result(document, () => '')
  const text = out()
  expect(JSON.parse(text)).toEqual(document)
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u)
  expect(text).toContain('שיחה 👩🏽‍🚀')
})

test('raw text reaches a file as it is, and a terminal spelled out', () => {
  const [file, screen] = [open(false, false), open(false, true)]
  for (const { terminal } of [file, screen]) terminal.write(SPOOF)
  expect([file.out(), screen.out()]).toEqual([SPOOF, SHOWN])
})

test('tables, and the report as Markdown and HTML', () => {
  expect(columns(['Title', 'N'], [[`${SPOOF}\nnext`, 1]]).split('\n')[1]).toBe(`${SHOWN} next  1`)
  expect(pairs([['Title', SPOOF]])).toBe(`Title  ${SHOWN}`)
  expect(escapeHtml(`<${SPOOF}>`)).toBe(`&lt;${SHOWN}&gt;`)
  expect(plainText(SPOOF)).not.toMatch(/[\p{Cc}\u202e]/u)
  expect(plainText(SPOOF)).toContain('␛')
})
