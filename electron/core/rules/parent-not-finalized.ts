// A parent still says running although its children have all ended: the last step, its own end, did not happen.
import { type Facts, finding, type Rule, row, runningNow } from '../facts.ts'
import { isOver, whereIs } from '../run-facts.ts'
import { count, plural } from '../wording.ts'

export const parentNotFinalized: Rule = {
  id: 'parent-not-finalized',
  runbook: '3-stuck-crawl-runs.md, "Check for Parent Job Aggregation Issues"',
  diagnose(facts) {
    if (facts.system.kind !== 'crawl') return []
    const parents = (runningNow(facts) ?? []).filter((run) => isOver(run) && whereIs(facts, run) !== 'active')
    const [first] = parents
    if (first === undefined) return []
    const n = parents.length
    const failed = parents.filter(({ children }) => (children?.failed ?? 0) > 0).length
    return [
      {
        ...finding(facts, 'parent-not-finalized', null),
        headline: `${n === 1 ? 'One parent still runs' : `${n} parents still run`}. All children of ${plural(n, 'it', 'them')} have ended.`,
        explanation: `The work is done; only the ${plural(n, 'row', 'rows')} of the ${plural(n, 'parent says', 'parents say')} running. Nothing will change that by itself.`,
        evidence: parents.slice(0, 5).map((run) => childRow(facts, run.title, run.children)),
        notTheCause: ['No child is pending or running'],
        remedies: [
          {
            action: 'finalize-parent',
            label: n === 1 ? 'Finalize the parent' : `Finalize ${n} parents`,
            ids: parents.map(({ id }) => id),
            params: {},
            effect: `${n - failed} completed, ${failed} failed, by the states of their children. Undo is possible.`,
          },
        ],
        places: [{ view: 'job', label: 'Open the parent', job: first.id }],
      },
    ]
  },
}

function childRow(facts: Facts, title: string, children: { total: number; failed: number } | null | undefined) {
  const { total, failed } = children ?? { total: 0, failed: 0 }
  const text = `${count(total, 'child has ended', 'children have ended')}, ${failed} failed`
  return row(facts, title, text, 'database', facts.system.running)
}
