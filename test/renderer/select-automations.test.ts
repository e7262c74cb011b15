// Automations as a person enters them: parameters keep what was written, a name is free, the runbooks' own start switched off.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromTemplate, paramsText, readParams, templates, wrongWith } from '../../renderer/select-automations.ts'

describe('parameters', () => {
  test('one to a line, commas and further signs of equality belong to the value', () => {
    expect(readParams('reason=stuck, see a=b\n\n queue = celery ')).toEqual({
      params: { reason: 'stuck, see a=b', queue: 'celery' },
      wrong: null,
    })
  })

  test.each(['celery', '=celery'])('%j is none, and nothing of it is taken silently', (line) => {
    expect(readParams(`queue=a\n${line}`)).toEqual({
      params: {},
      wrong: `“${line}” is no parameter: write one to a line, as key=value.`,
    })
  })

  test('are read as they are written', () => {
    const word = fc.stringMatching(/^[a-z][a-z.A-Z_]{0,8}$/)
    const value = fc.stringMatching(/^[^\s=][^\n\r\u2028\u2029]{0,20}$/).filter((text) => text.trim() === text)
    fc.assert(
      fc.property(fc.dictionary(word, value, { noNullPrototype: true }), (params) => {
        expect(readParams(paramsText(params))).toEqual({ params, wrong: null })
      }),
    )
  })
})

test.each(templates)('$title: a start under a free name, off, and nothing wrong with it', (template) => {
  const { name } = fromTemplate(template, 'calls', [])
  const made = fromTemplate(template, 'calls', [name])
  expect(made).toMatchObject({ system: 'calls', enabled: false, allowDestructive: false })
  expect(made.name).toMatch(/ 2$/)
  expect(wrongWith(made, [])).toBeNull()
  expect(wrongWith(made, [made.name])).toBe('Another automation has this name.')
})
