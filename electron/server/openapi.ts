// The same procedures for scripts: /api with a bearer token, described by /api/openapi.json.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { OpenAPIGenerator } from '@orpc/openapi'
import { OpenAPIHandler } from '@orpc/openapi/node'
import { BodyLimitPlugin } from '@orpc/server/node'
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4'
import { contract } from '../contract/procedures.ts'
import type { Caller } from '../core/api.ts'
import { MAX_MESSAGE } from './envelope.ts'
import type { Router } from './router.ts'

/** Answers one request below /api; false when no procedure has that address. */
export type OpenApi = (request: IncomingMessage, response: ServerResponse, caller: Caller) => Promise<boolean>

export function openApi(router: Router): OpenApi {
  const handler = new OpenAPIHandler(router, { plugins: [new BodyLimitPlugin({ maxBodySize: MAX_MESSAGE })] })
  return async (request, response, caller) => {
    const { matched } = await handler.handle(request, response, { prefix: '/api', context: { caller } })
    return matched
  }
}

/** OpenAPI 3.1 of the contract; generated when first asked for, since few ever do. */
export function apiDescription(version: string): () => Promise<unknown> {
  let made: Promise<unknown> | null = null
  return () => {
    made ??= new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] }).generate(contract, {
      info: { title: 'Unjam', version },
      servers: [{ url: '/api' }],
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
      security: [{ bearer: [] }],
    })
    return made
  }
}
