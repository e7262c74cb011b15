// The form of a system: what is sent of what was typed, what is hidden, and how tables of other names are mapped.
import { describe, expect, test } from 'vitest'
import { CrawlTables } from '../../electron/contract/crawl-tables.ts'
import { MASK } from '../../electron/contract/secrets/mask.ts'
import { SystemSettings } from '../../electron/contract/settings.ts'
import { RecordingsTable } from '../../electron/contract/worker-protocol.ts'
import { crawlMapping } from '../../renderer/crawl-mapping.ts'
import { hidePassword, withPassword } from '../../renderer/hidden-password.ts'
import { firstWrong, trialOf, wrongIn } from '../../renderer/system-faults.ts'
import { blankDraft, celeryFields, draftOf, systemOf } from '../../renderer/system-form.ts'
import { nameOf, proposalText, unclaimed, withColumn, withWords } from '../../renderer/table-mapping.ts'
import { calls, fixtureConnecting } from './fixture-systems.ts'

describe('a password in a URL', () => {
  const url = 'postgresql://app:s3cret@db:5432/app'
  test('is hidden once typed, sent as typed, and kept when the rest is edited', () => {
    const { shown, password } = hidePassword(url)
    expect(shown).toBe(`postgresql://app:${MASK}@db:5432/app`)
    expect(withPassword(shown, password)).toBe(url)
    expect(withPassword(shown.replace('5432', '5433'), password)).toBe(url.replace('5432', '5433'))
    expect(withPassword('postgresql://app:other@db/app', password)).toBe('postgresql://app:other@db/app')
  })
  test('that is stored stays the mask, and what has none stays as it is', () => {
    const stored = `redis://:${MASK}@redis:6379/0`
    expect(hidePassword(stored)).toEqual({ shown: stored, password: null })
    expect(hidePassword('redis://redis:6379/0').password).toBeNull()
    const odd = 'redis://:p@s/s@redis:6379/0'
    expect(hidePassword(odd).shown).toBe(stored)
    expect(withPassword(hidePassword(odd).shown, hidePassword(odd).password)).toBe(odd)
  })
})

describe('the form of a system', () => {
  test('gives back what it was made from, unknown keys included', () => {
    const own = SystemSettings.parse({ ...calls, note: 'ours', stack: { project: 'app', extra: 1 } })
    expect(SystemSettings.parse(systemOf(draftOf(own)!))).toEqual(own)
    const qc = SystemSettings.parse({ id: 'qc', kind: 'qc', url: 'http://qc', token: 't' })
    expect(systemOf(draftOf(qc)!)).toEqual(qc)
    const crawl = SystemSettings.parse({ id: 'crawl', kind: 'crawl', database: 'postgres://db/x' })
    expect(SystemSettings.parse(systemOf(draftOf(crawl)!))).toEqual(crawl)
  })
  test('an emptied part is absent, never an empty string', () => {
    const draft = draftOf(calls)!
    const fields = { ...draft.fields, broker: '', api: '', project: '', envFile: '' }
    const sent = systemOf({ ...draft, fields })
    for (const key of ['broker', 'api', 'stack', 'envFile']) expect(sent).not.toHaveProperty(key)
  })
  test('an emptied name in Celery is the runbook’s again; what the form does not show stays', () => {
    const own = SystemSettings.parse({
      ...{ id: 'crawl', kind: 'crawl', database: 'postgres://db/x' },
      celery: { defaultQueue: 'web', jobQueue: 'spider', enqueueSeconds: 60 },
    })
    const draft = draftOf(own)!
    expect(draft.fields).toMatchObject({ defaultQueue: 'web', jobQueue: 'spider' })
    const fields = { ...draft.fields, defaultQueue: '', jobQueue: '' }
    expect(SystemSettings.parse(systemOf({ ...draft, fields }))).toMatchObject({
      celery: { defaultQueue: 'default', jobQueue: 'crawl', enqueueSeconds: 60 },
    })
  })
  test('the time limit of crawl tasks is seconds, none, or the runbook’s', () => {
    const own = { id: 'crawl', kind: 'crawl', database: 'postgres://db/x' } as const
    const draft = draftOf(SystemSettings.parse({ ...own, taskTimeoutSeconds: 900 }))!
    expect(draft.fields.timeLimit).toBe('900')
    expect(draftOf(SystemSettings.parse({ ...own, taskTimeoutSeconds: null }))!.fields.timeLimit).toBe('none')
    const kept = (text: string) =>
      SystemSettings.parse(systemOf({ ...draft, fields: { ...draft.fields, timeLimit: text } }))
    for (const [text, seconds] of [
      ['', 600],
      ['None', null],
      ['540', 540],
      ['1800 s', 1800],
    ] as const)
      expect(kept(text), text).toMatchObject({ taskTimeoutSeconds: seconds })
    for (const text of ['0', '-5', 'ten'])
      expect(wrongIn({ ...draft, fields: { ...draft.fields, timeLimit: text } }, []).timeLimit).toBe(
        'Seconds, or none.',
      )
  })
  test('folders of recordings are one line, and a half of a pair is said', () => {
    const folders = [
      { inside: '/recordings', here: 'C:\\app\\my recordings' },
      { inside: '/archive', here: '\\\\nas\\calls' },
    ]
    const draft = draftOf(SystemSettings.parse({ ...calls, folders }))!
    expect(draft.fields.folders).toBe('/recordings = C:\\app\\my recordings; /archive = \\\\nas\\calls')
    expect(systemOf(draft)).toMatchObject({ folders })
    const typed = (text: string) => ({ ...draft, fields: { ...draft.fields, folders: text } })
    expect(systemOf(typed(' '))).not.toHaveProperty('folders')
    expect(systemOf(typed('/a=/b;'))).toMatchObject({ folders: [{ inside: '/a', here: '/b' }] })
    for (const half of ['/recordings', '/recordings =', '= /b', 'recordings = C:\\a', '/a = b'])
      expect(wrongIn(typed(half), []).folders, half).toMatch(/inside the container/)
    expect(wrongIn(draft, []).folders).toBeUndefined()
    const trial = trialOf(typed('/recordings'), wrongIn(typed('/recordings'), []), 'calls')
    expect(systemOf(trial!)).not.toHaveProperty('folders')
  })
  test('the hints are what an empty field means', () => {
    for (const kind of ['recordings', 'crawl'] as const) {
      const usual = draftOf(SystemSettings.parse({ id: 'x', kind, database: 'postgres://db/x' }))!
      for (const { name, hint } of celeryFields[kind]) expect(usual.fields[name] || 'none', name).toBe(hint)
    }
  })
  test('what is wrong is said by field, and only what is needed keeps the rest from being tried', () => {
    const blank = blankDraft('recordings')
    const draft = {
      ...blank,
      fields: { ...blank.fields, id: 'My Calls', database: 'postgresql://db/x', broker: 'amqp://r' },
    }
    const wrong = wrongIn(draft, ['calls'])
    expect(Object.keys(wrong).toSorted()).toEqual(['broker', 'id'])
    expect(firstWrong(draft, wrong)).toBe('Name: Lower-case letters, digits and dashes.')
    expect(trialOf(draft, wrong, null)?.fields).toMatchObject({
      id: 'draft',
      broker: '',
      database: 'postgresql://db/x',
    })
    expect(trialOf(blank, wrongIn(blank, []), null)).toBeNull()
    expect(wrongIn({ ...draft, fields: { ...draft.fields, id: 'calls' } }, ['calls']).id).toContain('Another system')
    expect(wrongIn({ ...draft, fields: { ...draft.fields, broker: 'env:REDIS_URL' } }, []).broker).toBeUndefined()
  })
  test('a configured system is tried under its own name, where its password is', () => {
    const draft = draftOf(calls)!
    const renamed = { ...draft, fields: { ...draft.fields, id: 'calls-2' } }
    expect(trialOf(renamed, {}, 'calls')?.fields.id).toBe('calls')
    expect(systemOf(renamed).id).toBe('calls-2')
  })
})

describe('the mapping of crawl runs', () => {
  const usual = CrawlTables.parse({})
  const line = (tables: CrawlTables, group: string, title: string) => {
    const found = crawlMapping(tables).find((one) => one.title === group)
    return found!.lines.find((one) => one.title === title)
  }
  test('every table, column and word of the settings has a line that changes it, and it alone', () => {
    const leaves = (value: unknown): unknown[] =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.values(value).flatMap(leaves)
        : [value]
    const lines = crawlMapping(usual).flatMap(({ lines: all }) => all)
    expect(lines).toHaveLength(leaves(usual).length)
    const before = JSON.stringify(leaves(usual))
    for (const { title, set } of lines) {
      const after = leaves(set('another'))
      expect(
        after.filter((one) => JSON.stringify(one).includes('another')),
        title,
      ).toHaveLength(1)
      expect(JSON.stringify(leaves(usual))).toBe(before)
    }
    for (const { title, lines: all } of crawlMapping(usual))
      expect(new Set(all.map((one) => one.title)).size, title).toBe(all.length)
  })
  test('what a run can be read without may be emptied; what it needs keeps its name', () => {
    expect(line(usual, 'Runs', 'Parent run')?.set(' ')?.jobs.columns.parent).toBeNull()
    expect(line(usual, 'Children of multi-source runs', 'Source name')?.set('')?.results.columns.sourceName).toBeNull()
    expect(line(usual, 'Runs', 'State')?.set(' ')).toBeNull()
    const nameless = line(usual, 'Names of sources', 'Table')!.set('')!
    expect(nameless.sources).toBeNull()
    expect(line(nameless, 'Names of sources', 'Name')).toBeUndefined()
    expect(line(nameless, 'Names of sources', 'Table')?.set('sites')?.sources).toEqual({
      ...{ table: 'sites', id: 'id', name: 'name' },
    })
  })
})

describe('a mapping', () => {
  const table = RecordingsTable.parse({})
  test('keeps what is needed, lets go of what is not', () => {
    expect(withColumn(table, 'status', ' ')).toBe(table)
    expect(withColumn(table, 'error', '').columns.error).toBeNull()
    expect(withColumn(table, 'title', ' filename ').columns.title).toBe('filename')
    expect(withWords(table, 'queued', ' , ')).toBe(table)
    expect(withWords(table, 'queued', 'Pending, new').words.queued).toEqual(['Pending', 'new'])
  })
  test('a word that no state claims is named until one does', async () => {
    const connecting = fixtureConnecting(
      () => {
        throw new Error('not asked for')
      },
      () => undefined,
    )
    const [best] = await connecting.mapping('postgres://db/x', null, new AbortController().signal)
    expect(proposalText(nameOf(best!.table), best!)).toBe(
      'public.call_recordings, 1090 rows, 92 % of what is looked for',
    )
    expect(unclaimed(best!, best!.table)).toEqual(['archived'])
    expect(unclaimed(best!, withWords(best!.table, 'skipped', 'skipped, Archived'))).toEqual([])
  })
})
