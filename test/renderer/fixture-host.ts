// Serves the built renderer over fixture data: `node test/renderer/fixture-host.ts [scenario] [port]`.
import { join } from 'node:path'
import { serveHttp } from '../../electron/server/http-link.ts'
import { createRouter } from '../../electron/server/router.ts'
import { type FixtureApi, fixtureApi } from './fixture-api.ts'
import type { Scenario } from './fixture-data.ts'

export interface FixtureHost {
  readonly url: string
  readonly api: FixtureApi
  close(): Promise<void>
}

/** The real server and router; only what lies behind them is scripted. */
export async function serveFixture(options: {
  scenario: Scenario
  port?: number
  media?: string
  loud?: boolean
}): Promise<FixtureHost> {
  const api = fixtureApi(options.scenario, options.media ?? null)
  const say = (where: string, message: string, details?: unknown) => {
    if (options.loud) console.error(where, message, details ?? '')
  }
  const log = { info: () => undefined, warn: say, error: say }
  const http = await serveHttp({
    api,
    router: createRouter(api, log),
    assets: join(import.meta.dirname, '../../out/renderer'),
    token: 'fixture-fixture-fixture-fixture-fixture-fixture',
    port: options.port ?? 0,
    log,
  })
  return { url: http.url, api, close: http.close }
}

if (import.meta.main) {
  const [scenario = 'stuck', port = '0'] = process.argv.slice(2)
  const host = await serveFixture({ scenario: scenario as Scenario, port: Number(port), loud: true })
  console.log(host.url)
}
