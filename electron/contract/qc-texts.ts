// What an operator of a QC service is told beside a finding: hints, links, contacts. Defaults are runbook 4's.
import * as z from 'zod'

const lines = (...runbook: string[]) => z.array(z.string()).default(runbook)

const lists = {
  /** By cause: what to look for and what else to do. */
  database: lines(
    'Look in the service’s log, https://dashboard.render.com, for Supabase connection errors',
    'Supabase status: https://status.supabase.com; when it is down, wait',
    'When the connection pool is exhausted, restart the service',
  ),
  drive: lines(
    'Its user reconnects Google Drive in Settings; then retry the job',
    'Look for the error “Google Drive access denied”',
  ),
  ffmpeg: lines(
    'Look in the service’s log, https://dashboard.render.com, for the last [QCWorker] entry: a hung FFmpeg writes none',
    'If it happens again, redeploy the service from the Render dashboard',
  ),
  memory: lines(
    'Look in the service’s log, https://dashboard.render.com, for “memory limit exceeded”',
    'If it happens again, upgrade the Render instance or reduce concurrent jobs',
  ),
  other: lines(
    'Look in the service’s log, https://dashboard.render.com, for [QCWorker] entries, error stack traces and memory warnings',
  ),
  /** Auto-recovery does not run. */
  recovery: lines(
    'Check that processBatch is being triggered',
    'Look in the service’s log, https://dashboard.render.com, for “[QCWorker] Stuck job check failed”',
  ),
  /** A dependency is not well. */
  dependency: lines(
    'Render status: https://render-status.com',
    'Supabase status: https://status.supabase.com',
    'Groq status: https://status.groq.com',
  ),
  /** When it lasts 30 minutes. */
  escalation: lines(
    'Page the on-call engineer via PagerDuty',
    'Is a platform down? https://render-status.com, https://status.supabase.com, https://status.groq.com',
    'After a recent deployment, roll back to the previous one in the Render dashboard, https://dashboard.render.com, or by git revert HEAD; git push origin main',
  ),
  contacts: lines(
    'Engineering lead: @alok',
    'Platform team: #platform-oncall',
    'Render: support@render.com',
    'Supabase: support@supabase.io',
  ),
}
export type QcTextName = keyof typeof lists

/** Every list may be replaced in the settings of a system; an empty one says nothing. */
export const QcTexts = z.looseObject(lists)
export type QcTexts = z.output<typeof QcTexts>
