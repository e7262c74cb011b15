// The calls about automation; switching one on is a change of the settings.
import * as z from 'zod'
import { Automation, AutomationForecast, AutomationState } from './automation.ts'
import { call, none } from './procedure.ts'

export const automations = {
  list: call
    .route({
      method: 'GET',
      path: '/automations',
      summary: 'Each with its last runs and when it is due next',
      tags: ['automations'],
    })
    .input(none.optional())
    .output(z.array(AutomationState)),
  preview: call
    .route({
      method: 'POST',
      path: '/automations/preview',
      summary: 'What it would do now; nothing is written',
      tags: ['automations'],
    })
    .input(z.object({ automation: Automation }))
    .output(AutomationForecast),
}
