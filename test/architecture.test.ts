// The dependency rules, sizes and names of the house (ARCHITECTURE.md), executed over the sources.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
const files = listed.split('\n').filter((file) => file !== '' && existsSync(join(root, file)))
const sources = files.filter((file) => /^(electron|renderer|worker)\/.*\.(ts|tsx|mjs)$/.test(file))
const text = (file: string) => readFileSync(join(root, file), 'utf8')

interface Import {
  readonly file: string
  /** A path from the root for our own files, a package name (`@scope/name`) or `node:x` otherwise. */
  readonly target: string
  readonly own: boolean
}

function importsOf(file: string): Import[] {
  const found = text(file).matchAll(
    /^(?:import|export)\s[^'"();=]*?\bfrom\s*['"]([^'"\n]+)['"]|^import\s+['"]([^'"\n]+)['"]|\bimport\(\s*['"]([^'"\n]+)['"]\s*\)/gm,
  )
  return [...found].flatMap((match): Import[] => {
    const name = match[1] ?? match[2] ?? match[3]
    if (name === undefined) return []
    if (name.startsWith('.'))
      return [{ file, target: normalize(join(dirname(file), name)).replaceAll('\\', '/'), own: true }]
    if (name.startsWith('node:')) return [{ file, target: name, own: false }]
    return [
      {
        file,
        target: name
          .split('/')
          .slice(0, name.startsWith('@') ? 2 : 1)
          .join('/'),
        own: false,
      },
    ]
  })
}
const imports = sources.flatMap(importsOf)

/** Who may import what. `own` are path prefixes, `vendor` package names, `node` whether Node's own modules are allowed. */
interface Layer {
  readonly folder: RegExp
  readonly own: readonly string[]
  readonly vendor: readonly string[] | 'any'
  readonly node: boolean
}

/** Redis as Celery uses it, from the bottom up: each folder knows those before it, and only these files know them all. */
function celeryLayers(): readonly Layer[] {
  const base = 'electron/adapters/celery/'
  const knows = {
    message: [],
    redis: [],
    queues: ['message/', 'redis/'],
    quarantine: ['message/', 'redis/', 'queues/unacked.ts'],
    control: ['message/', 'redis/', 'queues/enqueue.ts', 'queues/once.ts'],
    results: ['message/', 'redis/', 'control/events.ts'],
  }
  const layer = (folder: string, own: readonly string[], vendor: Layer['vendor']): Layer => ({
    folder: new RegExp(`^${base}${folder}/`),
    own: [
      ...['electron/contract/', 'electron/core/ports/', 'electron/adapters/driver-error.ts'],
      ...[`${folder}/`, ...own].map((path) => base + path),
    ],
    vendor,
    node: true,
  })
  return Object.entries(knows).map(([folder, own]) => layer(folder, own, folder === 'redis' ? ['ioredis'] : ['zod']))
}
const below = ['electron/contract/', 'electron/core/', 'electron/adapters/', 'electron/server/', 'worker/']
const layers: readonly Layer[] = [
  {
    folder: /^electron\/contract\/procedures?(-[a-z-]+)?\.ts$/,
    own: ['electron/contract/'],
    vendor: ['zod', '@orpc/contract'],
    node: false,
  },
  { folder: /^electron\/contract\//, own: ['electron/contract/'], vendor: ['zod'], node: false },
  { folder: /^electron\/core\//, own: ['electron/contract/', 'electron/core/'], vendor: ['zod'], node: false },
  {
    folder: /^electron\/adapters\/postgres\//,
    own: [
      'electron/contract/',
      'electron/core/ports/',
      'electron/adapters/postgres/',
      'electron/adapters/driver-error.ts',
      'worker/store/',
    ],
    vendor: 'any',
    node: true,
  },
  {
    // Another program's tables in the same kind of database.
    folder: /^electron\/adapters\/crawl\//,
    own: [
      'electron/contract/',
      'electron/core/ports/',
      'electron/adapters/crawl/',
      'electron/adapters/postgres/',
      'worker/store/',
    ],
    vendor: 'any',
    node: true,
  },
  {
    // They speak to Postgres too: who answers on a port, and what has been migrated.
    folder: /^electron\/adapters\/(migrate|embedded-postgres-identity)\.ts$/,
    own: ['electron/contract/', 'electron/core/ports/', 'electron/adapters/', 'worker/store/pool.ts'],
    vendor: 'any',
    node: true,
  },
  {
    folder: /^electron\/adapters\/whisper-process.*\.ts$/,
    own: ['electron/contract/', 'electron/core/ports/', 'electron/adapters/', 'worker/children.ts'],
    vendor: 'any',
    node: true,
  },
  ...celeryLayers(),
  {
    folder: /^electron\/adapters\//,
    own: ['electron/contract/', 'electron/core/ports/', 'electron/adapters/'],
    vendor: 'any',
    node: true,
  },
  {
    folder: /^electron\/server\//,
    own: ['electron/contract/', 'electron/core/', 'electron/server/'],
    vendor: ['@orpc/server', '@orpc/client', '@orpc/contract', '@orpc/openapi', '@orpc/zod', 'ws', 'zod'],
    node: true,
  },
  {
    folder: /^electron\/shell\//,
    own: [
      'electron/compose',
      'electron/server/',
      'electron/contract/',
      'electron/core/api.ts',
      'electron/adapters/log.ts',
      'electron/shell/',
    ],
    vendor: ['electron', '@orpc/server', '@orpc/client'],
    node: true,
  },
  {
    folder: /^electron\/(compose|serve|cli|start|unjam)[^/]*\.(ts|mjs)$|^electron\/(cli|compose)\//,
    own: [...below, 'electron/compose', 'electron/cli', 'electron/serve.ts', 'electron/start.ts'],
    vendor: ['zod', 'vite', '@orpc/client', '@orpc/contract'],
    node: true,
  },
  { folder: /^renderer\//, own: ['electron/contract/', 'renderer/'], vendor: 'any', node: false },
  {
    folder: /^worker\/store\//,
    own: ['electron/contract/worker-protocol.ts', 'worker/store/'],
    vendor: ['pg'],
    node: true,
  },
  {
    folder: /^worker\//,
    own: ['electron/contract/worker-protocol.ts', 'worker/'],
    vendor: ['node-av', 'zod'],
    node: true,
  },
]
const rendererVendors = [
  'react',
  'react-dom',
  'radix-ui',
  '@codemirror/commands',
  '@codemirror/search',
  '@codemirror/state',
  '@codemirror/view',
  'lucide-react',
  'zustand',
  '@tanstack/react-virtual',
  '@fontsource-variable/inter',
  '@orpc/client',
  '@orpc/contract',
  'zod',
]

describe('dependencies', () => {
  test('every source file belongs to a layer', () => {
    const homeless = sources.filter((file) => !layers.some((layer) => layer.folder.test(file)))
    expect(homeless).toEqual([])
  })

  test('every import is allowed by its layer', () => {
    const wrong = imports.filter(({ file, target, own }) => {
      const layer = layers.find(({ folder }) => folder.test(file))
      if (layer === undefined) return false
      if (own) return !target.startsWith('package.json') && !layer.own.some((prefix) => target.startsWith(prefix))
      if (target.startsWith('node:')) return !layer.node
      return layer.vendor !== 'any' && !layer.vendor.includes(target)
    })
    expect(wrong.map(({ file, target }) => `${file} → ${target}`)).toEqual([])
  })

  test('electron is imported in electron/shell only', () => {
    const outside = imports.filter(({ file, target }) => target === 'electron' && !file.startsWith('electron/shell/'))
    expect(outside).toEqual([])
  })

  test('adapters take types only from the core', () => {
    const wrong = sources
      .filter((file) => file.startsWith('electron/adapters/'))
      .flatMap((file) =>
        [...text(file).matchAll(/^import (?!type )[^'"]*from ['"]([^'"]*core\/ports\.ts)['"]/gm)].map(() => file),
      )
    expect(wrong).toEqual([])
  })

  test('the renderer knows its own vendors, and no source imports from a test', () => {
    const strange = imports.filter(({ file, target, own }) =>
      own ? target.startsWith('test/') : file.startsWith('renderer/') && !rendererVendors.includes(target),
    )
    expect(strange.map(({ file, target }) => `${file} → ${target}`)).toEqual([])
  })

  test('a vendor package appears in one adapter', () => {
    const homes = new Map<string, Set<string>>()
    for (const { file, target, own } of imports) {
      if (own || target.startsWith('node:') || target === 'zod') continue
      const [, adapter] = /^electron\/adapters\/([^/.]+)/.exec(file) ?? []
      if (adapter !== undefined) homes.set(target, (homes.get(target) ?? new Set()).add(adapter))
    }
    const shared = [...homes].filter(([, adapters]) => adapters.size > 1)
    expect(shared).toEqual([])
  })

  test('there are no cycles', () => {
    const edges = new Map<string, string[]>()
    for (const { file, target, own } of imports) if (own) edges.set(file, [...(edges.get(file) ?? []), target])
    const cycles: string[] = []
    const state = new Map<string, 'open' | 'closed'>()
    const visit = (file: string, path: readonly string[]): void => {
      if (state.get(file) === 'closed') return
      if (state.get(file) === 'open') {
        cycles.push([...path.slice(path.indexOf(file)), file].join(' → '))
        return
      }
      state.set(file, 'open')
      for (const next of edges.get(file) ?? []) visit(next, [...path, file])
      state.set(file, 'closed')
    }
    for (const file of sources) visit(file, [])
    expect(cycles).toEqual([])
  })
})

describe('sizes and names', () => {
  const lines = (file: string) => text(file).split('\n').length - 1

  test('no source over 250 lines, no component over 120', () => {
    const long = sources.filter((file) => lines(file) > (file.endsWith('.tsx') ? 120 : 250))
    expect(long.map((file) => `${file}: ${lines(file)}`)).toEqual([])
  })

  test('files are named for what they hold, in kebab-case', () => {
    const vague = sources.filter((file) => {
      const name = file.split('/').at(-1) ?? ''
      return (
        !/^[a-z0-9]+(-[a-z0-9]+)*\.(ts|tsx|mjs)$/.test(name) ||
        /\b(utils?|helpers?|manager|misc|types|common)\b/.test(name) ||
        // In an action's name a service is a thing of the glossary, not a layer.
        (/-service\.tsx?$/.test(name) && !file.startsWith('electron/core/actions/'))
      )
    })
    expect(vague).toEqual([])
  })

  test('every source file is captioned in its first line', () => {
    const silent = sources.filter((file) => !/^(\/\/ \S|\/\*\* ?\S|#!)/.test(text(file)))
    expect(silent).toEqual([])
  })

  test('top-level folders are those of the design', () => {
    const folders = new Set(files.filter((file) => file.includes('/')).map((file) => file.split('/')[0]))
    const allowed = new Set(['electron', 'renderer', 'worker', 'resources', 'test', 'docs', '.ci', '.github'])
    expect([...folders].filter((folder) => folder !== undefined && !allowed.has(folder))).toEqual([])
  })

  test('an action shows plan, preview, execute and undo in that order', () => {
    const folder = join(root, 'electron/core/actions')
    const listed = importsOf('electron/core/actions/index.ts').map(({ target }) => target.split('/').at(-1) ?? '')
    const named = listed.filter((file) => /-(jobs|job|worker|service)\.ts$/.test(file))
    expect(named.length).toBeGreaterThanOrEqual(8)
    // Some are the words of one that is made in another file.
    const made = named.filter((file) => !/^ {2}(async )?execute\b/m.test(readFileSync(join(folder, file), 'utf8')))
    expect(made).toEqual(['restart-service.ts', 'start-service.ts', 'stop-service.ts'])
    const actions = [
      ...named.filter((file) => !made.includes(file)).map((file) => ({ file, indent: 2 })),
      ...['switch-service.ts', 'sort-queue.ts'].map((file) => ({ file, indent: 4 })),
    ]
    for (const { file, indent } of actions) {
      const source = readFileSync(join(folder, file), 'utf8')
      const order = ['plan', 'preview', 'execute', 'undo'].map((verb) =>
        source.search(new RegExp(`^ {${indent}}(async )?${verb}\\b`, 'm')),
      )
      expect(
        order.every((at, i) => at >= 0 && (i === 0 || at > (order[i - 1] ?? -1))),
        `${relative(root, join(folder, file))}: ${order}`,
      ).toBe(true)
    }
  })

  test('every proof that the checklist of the runbooks names is there', () => {
    const named = readFileSync(join(root, 'docs/runbooks.md'), 'utf8').matchAll(/`(test\/[\w./-]+)`/g)
    const proofs = new Set([...named].map(([, file = '']) => file))
    expect(proofs.size).toBeGreaterThan(20)
    expect([...proofs].filter((file) => !existsSync(join(root, file)))).toEqual([])
  })

  test('only run-action.ts and operations.ts call execute and undo of an action', () => {
    const callers = sources.filter(
      (file) => file.startsWith('electron/core/') && /\baction\.(execute|undo)\(/.test(text(file)),
    )
    expect(callers.toSorted()).toEqual(['electron/core/operations.ts', 'electron/core/run-action.ts'])
  })
})

describe('tests', () => {
  const tests = files.filter(
    (file) => file.startsWith('test/') && /\.(ts|tsx)$/.test(file) && file !== 'test/architecture.test.ts',
  )

  test('mock no module, focus no test', () => {
    const wrong = tests.filter((file) => /\bvi\.mock\(|\bjest\.mock\(|\b(test|it|describe)\.only\(/.test(text(file)))
    expect(wrong).toEqual([])
  })
})
