// A transcription stack of one's own: written to an empty folder with new secrets, started, and watched as a system.
import * as z from 'zod'
import type { ActionRequest } from '../../contract/action.ts'
import { SystemId } from '../../contract/job.ts'
import type { CreatedStack, StackMaker, StackOrder } from '../ports/stack.ts'
import { count, listed } from '../wording.ts'
import type { Action, Done, Frozen, World } from './action.ts'
import { invalid, refuse } from './refuse.ts'

const tried = 'Create the stack'
/** Compose's own rule for project names. */
const PROJECT = /^[a-z0-9][a-z0-9_-]*$/

interface CreatePlan extends Frozen {
  readonly order: StackOrder
  readonly files: readonly string[]
  readonly model: string | null
  readonly command: string
}

const Created = z.object({
  folder: z.string(),
  project: z.string(),
  id: z.string(),
  files: z.array(z.object({ path: z.string(), sha256: z.string() })),
})

export const createStack: Action<CreatePlan> = {
  id: 'create-stack',
  target: 'system',
  risk: 'safe',
  kinds: ['local', 'recordings', 'crawl', 'qc'],
  ability: null,
  params: ['folder', 'project', 'id'],
  // Images are built, whisper.cpp among them, on whatever machine this is.
  writeMs: 45 * 60_000,
  offer: ({ maker }) => ({ title: tried, blocked: maker === null ? 'This host creates no stacks.' : null }),
  async plan(request, world) {
    const order = orderOf(request)
    const { files, model, command } = await makerOf(world).plan(order, world.signal)
    const { folder, project, id } = order
    return {
      order,
      files,
      model,
      command,
      count: files.length,
      items: [{ id: folder, title: project, note: id, fingerprint: [folder, project, id, ...files].join('\n') }],
      sample: files.slice(0, 5).map((file) => ({ id: file, title: file, note: '' })),
    }
  },
  preview({ order, files, model, command }) {
    return {
      title: `Create the stack ${order.project}`,
      summary: `${count(files.length, 'file')} go to ${order.folder}, with new passwords in .env. Then Postgres, Redis, API, worker and beat are built and started.`,
      notTouched: ['Stacks, folders and databases that exist', 'Other systems that Unjam watches'],
      know: [
        model === null
          ? 'It has no model yet: recordings wait until a ggml-*.bin lies in its folder models and MODEL in .env names it.'
          : `Its worker uses a copy of ${model}, the model of Unjam's own worker.`,
        'The first build takes several minutes: whisper.cpp is compiled inside the image.',
        'It listens on this computer only, on ports that are free now.',
        `Unjam watches it as “${order.id}” as soon as it runs. If it does not come up, nothing of it is kept.`,
      ],
      command,
      undo: 'Undo stops it and takes away the files that nobody has changed. Its data stays in Docker volumes.',
      confirm: `Create the stack ${order.project}`,
    }
  },
  async execute({ order }, world, operation) {
    return createdDone(await makerOf(world).create(order, operation.record, world.signal))
  },
  async settle(world, operation) {
    const planned = Created.parse(JSON.parse(operation.recorded ?? 'null'))
    const { created, kept } = await makerOf(world).settle(planned, world.signal)
    if (created) return { state: 'done', done: createdDone(planned) }
    const rest = kept.length === 0 ? '' : ` These files differ from what Unjam wrote and were kept: ${listed(kept, 5)}.`
    return {
      state: 'nothing',
      summary: `Interrupted: the partial stack ${planned.project} was removed from ${planned.folder}.${rest}`,
    }
  },
  async undo(trail, world, operation) {
    const created = Created.parse(JSON.parse(trail))
    operation.record({ started: true })
    const { removed, kept } = await makerOf(world).remove(created, world.signal)
    const because = 'it was changed since it was written, so it stays'
    return { restored: removed, left: kept.map((path) => ({ id: path, because })) }
  },
}

function createdDone(created: CreatedStack): Done {
  const { project, folder, id, files } = created
  return {
    count: files.length,
    left: [],
    summary: `The stack ${project} was created in ${folder} and is watched as ${id}.`,
    trail: JSON.stringify(created),
  }
}

function orderOf({ params, system }: ActionRequest): StackOrder {
  const { folder = '', project = 'app', id = project } = params
  if (folder.trim() === '') throw invalid(tried, system, 'no folder is named (folder=PATH)')
  if (!PROJECT.test(project))
    throw invalid(tried, system, `project=${project} is not made of lower-case letters, digits, - and _`)
  if (!SystemId.safeParse(id).success)
    throw invalid(tried, system, `id=${id} is not made of ${listed(['lower-case letters', 'digits', 'dashes'])}`)
  return { folder: folder.trim(), project, id }
}

function makerOf({ maker, system }: World): StackMaker {
  if (maker === null) throw refuse(tried, system.id, 'this host cannot create stacks')
  return maker
}
