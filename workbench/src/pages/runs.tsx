/** All runs, and one of them. */

import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { get, post, query, type Run } from '../api'
import { duration } from '../format'
import { Ago, attempt, Confirm, StatusChip } from '../parts/bits'
import { Empty, Loaded } from '../parts/states'
import { VirtualList } from '../parts/virtual-list'
import { go, href, useFilters, useRoute } from '../route'
import { OneRun } from './run'

const COLUMNS = '96px minmax(170px, 1.2fr) minmax(120px, 1.4fr) 124px 80px 92px'

export default function Runs() {
  const { id } = useRoute()
  return id ? <OneRun key={id} id={id} /> : <AllRuns />
}

interface Page {
  runs: Run[]
  cursor: string
}

function AllRuns() {
  const [filters, setFilters] = useFilters()
  const [isClearing, setClearing] = useState(false)
  const { order, status, step, trigger, text, minMs, within } = filters
  const runs = useInfiniteQuery({
    placeholderData: keepPreviousData, // a list that is searched does not vanish with each letter
    queryKey: ['runs', { order, status, step, trigger, text, minMs, within }],
    initialPageParam: '',
    queryFn: ({ pageParam }) =>
      get<Page>(
        `/runs${query({ order, status, step, trigger, text, minMs, since: sinceOf(within), cursor: pageParam, limit: 100 })}`,
      ),
    getNextPageParam: ({ cursor }) => cursor || undefined,
  })
  const more = () => {
    if (runs.hasNextPage && !runs.isFetchingNextPage) void runs.fetchNextPage()
  }
  const isFiltered = [status, step, trigger, text, minMs, within].some(Boolean)
  return (
    <div className="page">
      <div className="bar">
        <h1>Runs</h1>
        <input
          type="search"
          aria-label="search runs"
          placeholder="id, step, route, error"
          value={text ?? ''}
          onChange={(event) => setFilters({ text: event.target.value })}
        />
        <Choice
          label="status"
          value={status}
          of={['running', 'waiting', 'completed', 'failed']}
          set={(to) => setFilters({ status: to })}
        />
        <Choice
          label="trigger"
          value={trigger}
          of={['http', 'event', 'cron', 'stream']}
          set={(to) => setFilters({ trigger: to })}
        />
        <Choice
          label="longer than"
          value={minMs}
          of={['10', '100', '1000', '10000']}
          show={(ms) => duration(Number(ms))}
          set={(to) => setFilters({ minMs: to })}
        />
        <Within value={within} set={(to) => setFilters({ within: to })} />
        <button
          type="button"
          aria-pressed={order === 'errors'}
          title="runs with a failure that nothing made good, then the others"
          onClick={() => setFilters({ order: order === 'errors' ? '' : 'errors' })}
        >
          Errors first
        </button>
        {step && (
          <button
            type="button"
            className="chip accent"
            onClick={() => setFilters({ step: '' })}
            title="remove this filter"
          >
            {step} ✕
          </button>
        )}
        <span className="grow" />
        <button type="button" className="quiet wide" onClick={() => setClearing(true)}>
          Clear
        </button>
      </div>
      {isClearing && (
        <Confirm
          text="All recorded runs are forgotten. Events, state and logs stay."
          action="Forget all runs"
          done={() => setClearing(false)}
          confirmed={() =>
            void attempt(async () => {
              await post('/trace/clear', {})
              await runs.refetch()
              return 'All runs are forgotten.'
            })
          }
        />
      )}
      <Loaded query={runs}>
        {({ pages }) => {
          const all = pages.flatMap((page) => page.runs)
          if (all.length === 0)
            return isFiltered ? (
              <Empty title="No run is like that">
                <button type="button" onClick={() => go(href('runs', '', { order }))}>
                  Show all runs
                </button>
              </Empty>
            ) : (
              <Empty title="Nothing has run yet">Send a request or emit an event: it is shown here at once.</Empty>
            )
          return (
            <VirtualList
              items={all}
              label="runs"
              columns={COLUMNS}
              narrow="92px minmax(0, 1fr) 72px"
              keyOf={(run) => run.traceId}
              open={(run) => go(href('runs', run.traceId))}
              more={more}
              head={
                <>
                  <span>Status</span>
                  <span>Step</span>
                  <span className="wide">Trigger, or error</span>
                  <span className="wide">Run</span>
                  <span className="number">Time</span>
                  <span className="wide number">When</span>
                </>
              }
              line={(run) => (
                <>
                  <span>
                    <StatusChip status={run.status} />
                  </span>
                  <span>
                    {run.name}
                    {run.attempts > 1 && <span className="soft wide"> · {run.attempts} attempts</span>}
                  </span>
                  <span className={`wide ${run.error ? 'bad' : 'soft'}`}>
                    {run.error && run.status === 'failed' ? run.error : run.label}
                  </span>
                  <span className="wide mono soft">{run.traceId}</span>
                  <span className="number">{duration(run.durationMs)}</span>
                  <span className="wide number">
                    <Ago ms={run.startedMs} />
                  </span>
                </>
              )}
            />
          )
        }}
      </Loaded>
    </div>
  )
}

/** When `within` begins, in milliseconds; undefined: all that is kept. */
export const sinceOf = (within: string | undefined): number | undefined =>
  within ? Date.now() - Number(within) * 60_000 : undefined

/** Of how many of the last minutes. */
export function Within({ value, set }: { value: string | undefined; set: (value: string) => void }) {
  return (
    <Choice
      label="within"
      value={value}
      of={['5', '60', '1440']}
      show={(minutes) => `the last ${{ 5: '5 minutes', 60: 'hour', 1440: 'day' }[minutes] ?? `${minutes} minutes`}`}
      set={set}
    />
  )
}

export function Choice(props: {
  label: string
  value: string | undefined
  of: string[]
  set: (value: string) => void
  show?: (value: string) => string
}) {
  const { label, value, of, set, show } = props
  return (
    <select aria-label={label} value={value ?? ''} onChange={(event) => set(event.target.value)}>
      <option value="">{label}: any</option>
      {of.map((one) => (
        <option key={one} value={one}>
          {show ? `${label} ${show(one)}` : one}
        </option>
      ))}
    </select>
  )
}
