// Said across the top while a sample is walked through: that nothing here is real, and how to leave it.
import { failureOf } from '../client.ts'
import { count, failureText } from '../format.ts'
import { go, hashOf } from '../route.ts'
import { selectSampleBar } from '../select-sample.ts'
import { useAnswer, useServices, useView } from '../services.tsx'
import { Button } from './button.tsx'
import { SampleTag } from './sample-tag.tsx'

export function SampleBar() {
  const model = useView(selectSampleBar)
  return model === null ? null : <Bar sample={model.key} own={model.own} />
}

function Bar({ sample, own }: { sample: string; own: number }) {
  const { client, notices } = useServices()
  const { value } = useAnswer(`samples ${sample}`, 'Read the samples', (own, signal) =>
    own.samples.list({}, { signal }),
  )
  const running = value?.find((one) => one.running)
  const leave = () => {
    client.samples.stop({}).then(
      () => go({ view: 'overview' }),
      (error: unknown) => notices.say(failureText(failureOf(error, 'Leave the sample')), true),
    )
  }
  return (
    <section
      aria-label="Sample incident"
      className="flex items-center gap-3 max-small:flex-wrap pl-[18px] pr-(--gutter) py-[5px] min-h-[38px] bg-selected border-b border-line-strong"
    >
      <SampleTag />
      <span className="min-w-0">
        {running !== undefined && <b>{running.title}. </b>}
        <span className="text-ink-2">
          {running !== undefined && `${running.attempt} `}
          All of it is made up.
        </span>
        {own > 0 && <span className="text-attention"> Meanwhile your own systems have {count(own, 'finding')}.</span>}
      </span>
      <span className="ml-auto flex items-center gap-3 whitespace-nowrap">
        <a href={hashOf({ view: 'samples', name: null })}>Other samples</a>
        <Button small onPress={leave}>
          Leave the sample
        </Button>
      </span>
    </section>
  )
}
