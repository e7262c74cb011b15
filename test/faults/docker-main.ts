// A process of its own that carries out one action on a compose project, for tests that kill it.
import { DockerRun, openDockerHost } from './docker-host.ts'

const { request, fingerprint, ...place } = DockerRun.parse(JSON.parse(process.env.UNJAM_FAULT_RUN ?? ''))
const host = openDockerHost(place)
await host.actions.execute(request, fingerprint, { actor: 'faults', via: 'terminal' })
await host.close()
