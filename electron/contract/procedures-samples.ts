// The calls about sample incidents.
import * as z from 'zod'
import { call, none } from './procedure.ts'
import { SampleIncident, SampleName } from './sample.ts'

export const samples = {
  list: call
    .route({
      method: 'GET',
      path: '/samples',
      summary: 'The incidents that can be walked through',
      tags: ['samples'],
    })
    .input(none.optional())
    .output(z.array(SampleIncident)),
  start: call
    .route({
      method: 'POST',
      path: '/samples/{name}/start',
      summary: 'Its made-up systems appear among the real ones; another sample is left',
      tags: ['samples'],
    })
    .input(z.object({ name: SampleName }))
    .output(SampleIncident),
  stop: call
    .route({ method: 'POST', path: '/samples/stop', summary: 'Leaves it; nothing of it remains', tags: ['samples'] })
    .input(none.optional())
    .output(z.array(SampleIncident)),
}
