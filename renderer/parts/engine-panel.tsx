// The whisper.cpp engine: ready, being built, or missing with the step that helps.
import type { Engine } from '../../electron/contract/snapshot.ts'
import { failureOf } from '../client.ts'
import { failureText } from '../format.ts'
import { useServices } from '../services.tsx'
import { Button } from './button.tsx'
import { Glyph } from './glyph.tsx'
import { Progress } from './progress.tsx'
import { Section } from './section.tsx'

export function EnginePanel({ engine }: { engine: Engine }) {
  return (
    <Section title="Engine" note="whisper.cpp, built for this processor">
      <div className="py-3">
        <EngineState engine={engine} />
      </div>
    </Section>
  )
}

function EngineState({ engine }: { engine: Engine }) {
  const { client, notices } = useServices()
  switch (engine.state) {
    case 'ready':
      return (
        <div className="flex gap-[9px] items-start">
          <span className="mt-[3px]">
            <Glyph name="done" />
          </span>
          <div className="min-w-0">
            Ready{engine.version === null ? '' : `, version ${engine.version}`}
            <code className="block text-ink-3 clip" title={engine.path}>
              {engine.path}
            </code>
          </div>
        </div>
      )
    case 'building':
      return (
        <>
          <div className="flex justify-between gap-4 mb-[6px] text-small">
            <span className="clip">Being built: {engine.step}</span>
            <b>{Math.floor(engine.percent)} %</b>
          </div>
          <Progress label="Building the engine" percent={Math.floor(engine.percent)} text={engine.step} />
          <p className="mt-2 text-small text-ink-3">Once, for this processor: a minute or two. Jobs wait meanwhile.</p>
        </>
      )
    case 'missing': {
      const build = () =>
        client.host
          .buildEngine({})
          .catch((error: unknown) => notices.say(failureText(failureOf(error, 'Build the engine')), true))
      return (
        <div className="flex gap-[9px] items-start">
          <span className="mt-[3px]">
            <Glyph name="critical" />
          </span>
          <div>
            <p>{failureText(engine.failure)}</p>
            <div className="mt-2">
              <Button small onPress={() => void build()}>
                Build it
              </Button>
            </div>
          </div>
        </div>
      )
    }
  }
}
