// Creating a stack: what the preview promises, what a refused folder says, and what undo leaves behind.
import { describe, expect, it } from 'vitest'
import { FailureError } from '../../../electron/contract/failure.ts'
import type { Intent } from '../../../electron/core/ports/history.ts'
import type { CreatedStack, StackMaker, StackOrder } from '../../../electron/core/ports/stack.ts'
import { act, acting, admin, failureOf, request, signal } from '../../support/acting.ts'
import { NOW } from '../../support/snapshot-builders.ts'

const files = ['.env', 'docker-compose.yml']

/** Keeps what it was told, and what is there. */
const LOST = { kind: 'timeout', tried: 'Create the stack', because: 'no answer', remedy: null } as const

function maker(
  model: string | null = null,
  dies = false,
): StackMaker & { readonly made: CreatedStack[]; changed: string[] } {
  const made: CreatedStack[] = []
  const changed: string[] = []
  return {
    made,
    changed,
    async plan(order: StackOrder) {
      if (made.some(({ folder }) => folder === order.folder))
        throw new FailureError({
          ...{ kind: 'refused', tried: 'Create the stack', on: order.folder },
          ...{ because: 'the folder is not empty (docker-compose.yml)', remedy: 'Name an empty folder.' },
        })
      return { files, model, command: `docker compose -p ${order.project} up -d --build` }
    },
    async create(order, beforeWrite) {
      const stack = { ...order, files: files.map((path) => ({ path, sha256: path })) }
      beforeWrite(stack)
      if (dies) throw new FailureError({ ...LOST, on: order.folder })
      made.push(stack)
      return stack
    },
    settle: async ({ id }) => ({ created: made.some((one) => one.id === id), kept: changed }),
    async remove(created) {
      made.splice(0, made.length, ...made.filter(({ id }) => id !== created.id))
      return { removed: created.files.length - changed.length, kept: changed }
    },
    state: () => null,
    onChange: () => () => undefined,
  }
}

const begun: Omit<Intent, 'id'> = {
  ...{ kind: 'execute', action: 'create-stack', system: 'local', title: 'Create the stack app' },
  ...{ at: NOW, actor: 'admin', previewed: 2 },
}
const params = { folder: 'C:\\app', project: 'app', id: 'calls' }

describe('create-stack', () => {
  it('says what it writes and starts, does it, and takes it back', async () => {
    const stacks = maker()
    const on = acting([], { maker: stacks })
    const { preview, receipt } = await act(on, { action: 'create-stack', params })
    expect(preview).toMatchObject({
      title: 'Create the stack app',
      count: 2,
      risk: 'safe',
      command: 'docker compose -p app up -d --build',
      confirm: 'Create the stack app',
    })
    expect(preview.summary).toContain('2 files go to C:\\app, with new passwords')
    expect(preview.know.join(' ')).toContain('It has no model yet')
    expect(stacks.made).toMatchObject([params])
    expect(receipt.summary).toBe('The stack app was created in C:\\app and is watched as calls.')
    stacks.changed.push('.env')
    const undone = await on.actions.undo(receipt.id, admin)
    expect(undone.undone).toMatchObject({ restored: 1, left: [{ id: '.env' }] })
    expect(stacks.made).toEqual([])
  })

  it('that was interrupted reports its outcome, and which files stay', async () => {
    const stacks = maker(null, true)
    stacks.changed.push('.env')
    const on = acting([], { maker: stacks })
    const asked = request({ action: 'create-stack', params })
    const { fingerprint } = await on.actions.preview(asked, signal)
    on.history.begin({ ...begun, id: 'crashed' })
    on.history.record('crashed', JSON.stringify({ ...params, files: [] }))
    await on.actions.settle(on.system)
    expect(on.history.list(1, null)).toMatchObject([
      {
        ...{ id: 'crashed', count: 0, undoable: false },
        summary:
          'Interrupted: the partial stack app was removed from C:\\app. These files differ from what Unjam wrote and were kept: .env.',
      },
    ])
    expect((await failureOf(on.actions.execute(asked, fingerprint, admin))).kind).toBe('timeout')
    expect(on.history.open()).toEqual([])
  })

  it('says which model it begins with', async () => {
    const on = acting([], { maker: maker('ggml-base.bin') })
    const { know } = await on.actions.preview(request({ action: 'create-stack', params }), signal)
    expect(know[0]).toBe("Its worker uses a copy of ggml-base.bin, the model of Unjam's own worker.")
  })

  it('is refused over what exists, also when it came to exist after the preview', async () => {
    const stacks = maker()
    const on = acting([], { maker: stacks })
    const { fingerprint } = await on.actions.preview(request({ action: 'create-stack', params }), signal)
    await act(on, { action: 'create-stack', params: { ...params, id: 'other' } })
    expect(
      (await failureOf(on.actions.execute(request({ action: 'create-stack', params }), fingerprint, admin))).kind,
    ).toBe('stale')
    expect(stacks.made).toHaveLength(1)
  })

  it.each([
    [{ project: 'app' }, 'no folder is named'],
    [{ folder: '/app', project: 'My App' }, 'project=My App is not made of lower-case letters'],
    [{ folder: '/app', id: 'a b' }, 'id=a b is not made of lower-case letters'],
    [{ folder: '/app', port: '1' }, 'it knows no parameter port'],
  ])('%o is refused: %s', async (given, because) => {
    const on = acting([], { maker: maker() })
    const failure = await failureOf(
      on.actions.preview(request({ action: 'create-stack', params: given as Record<string, string> }), signal),
    )
    expect(failure).toMatchObject({ kind: 'invalid', because: expect.stringContaining(because) })
  })

  it('is refused where the host makes none', async () => {
    const failure = await failureOf(acting().actions.preview(request({ action: 'create-stack', params }), signal))
    expect(failure.because).toBe('this host cannot create stacks')
  })
})
