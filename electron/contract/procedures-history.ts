// The calls about the past: readings over time, the incident report, the bundle and its replay.
import * as z from 'zod'
import { BundleFile, BundleQuery, Replay, ReportFile, ReportQuery } from './bundle.ts'
import { Instant } from './failure.ts'
import { HistoryMoment, HistoryRange, RangeQuery } from './history.ts'
import { call, none } from './procedure.ts'

export const history = {
  range: call
    .route({
      method: 'GET',
      path: '/history',
      summary: 'Finished, waiting and findings, bucket by bucket, and when something last finished',
      tags: ['history'],
    })
    .input(RangeQuery)
    .output(HistoryRange),
  moment: call
    .route({ method: 'GET', path: '/history/moment', summary: 'What was read at one moment', tags: ['history'] })
    .input(z.object({ at: Instant }))
    .output(HistoryMoment),
  report: call
    .route({
      method: 'GET',
      path: '/history/report',
      summary: 'The incident report as Markdown or as one HTML file; secrets are redacted',
      tags: ['history'],
    })
    .input(ReportQuery)
    .output(ReportFile),
  bundle: call
    .route({
      method: 'GET',
      path: '/history/bundle',
      summary: 'Snapshot, readings, findings and receipts in one redacted file',
      tags: ['history'],
    })
    .input(BundleQuery)
    .output(BundleFile),
  open: call
    .route({
      method: 'POST',
      path: '/history/open',
      summary: 'Serves a bundle read-only at an address of its own on this computer; give a path or the file itself',
      tags: ['history'],
    })
    .input(z.union([z.object({ path: z.string().min(1) }), z.object({ base64: z.string().min(1) })]))
    .output(z.object({ url: z.string() })),
  replay: call
    .route({
      method: 'GET',
      path: '/history/replay',
      summary: 'The bundle that is shown, if one is',
      tags: ['history'],
    })
    .input(none.optional())
    .output(Replay.nullable()),
  seek: call
    .route({
      method: 'POST',
      path: '/history/replay/seek',
      summary: 'Shows another moment of the bundle on every screen',
      tags: ['history'],
    })
    .input(z.object({ at: Instant }))
    .output(Replay),
}
