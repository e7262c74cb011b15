// Everything the page shows passes one place: foreign text is visible there, and components get it as it is.
import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { Fragment, jsx, jsxs } from '../../renderer/visible-jsx.ts'

const SPOOF = 'call\u202egpj.exe \u001b[2J'
const SHOWN = 'call\\u202egpj.exe ␛[2J'

test('text and labels of elements are spelled out, at any depth of children', () => {
  const page = jsxs('div', {
    'aria-label': `Job\n${SPOOF}`,
    children: [
      SPOOF,
      jsx('b', { title: SPOOF, children: 'plain' }),
      [SPOOF, jsx(Fragment, { children: SPOOF }, 'a')],
      7,
      null,
    ],
  })
  expect(renderToStaticMarkup(page)).toBe(
    `<div aria-label="Job␊${SHOWN}">${SHOWN}<b title="${SHOWN}">plain</b>${SHOWN}${SHOWN}7</div>`,
  )
})

const got: unknown[] = []
function Row({ name, children }: { name: string; children: string }) {
  got.push(name, children)
  return jsx('li', { id: name, children })
}

test('what is typed, linked and given to a component stays as it is', () => {
  const page = jsxs('ul', {
    children: [jsx(Row, { name: SPOOF, children: SPOOF }), jsx('input', { value: SPOOF, readOnly: true })],
  })
  const markup = renderToStaticMarkup(page)
  expect(got).toEqual([SPOOF, SPOOF])
  expect(markup).toContain(`>${SHOWN}</li>`)
  expect(markup).toContain(`value="${SPOOF}"`)
})

test('text without such characters is the same element as ever', () => {
  const children = ['a', createElement('b', null, 'c'), 'שיחה 👩🏽‍🚀']
  expect(jsxs('p', { children })).toEqual(createElement('p', { children } as object))
  expect((jsxs('p', { children }) as { props: { children: unknown } }).props.children).toBe(children)
})
