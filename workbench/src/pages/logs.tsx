/** What steps and the core say, as they say it. */

import { keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { get, type Log, query } from '../api'
import { onLogs } from '../feed'
import { clock, moment } from '../format'
import { Code, copy, Facts, pretty } from '../parts/bits'
import { Empty, Loaded } from '../parts/states'
import { VirtualList } from '../parts/virtual-list'
import { href, useFilters } from '../route'
import { Choice, sinceOf, Within } from './runs'

const COLUMNS = '100px 66px minmax(90px, 160px) minmax(200px, 1fr) 120px'
const MOST_NEW = 2000
const LONGEST = 200 // characters of fields in a line
const RANKS = ['debug', 'info', 'warn', 'error']

interface Page {
  logs: Log[]
  cursor: string
}

/** Whether a new record is among those that are asked for. */
export function isWanted(log: Log, filters: Record<string, string>): boolean {
  const { level, step, traceId, text } = filters
  return (
    RANKS.indexOf(log.level) >= (level ? RANKS.indexOf(level) : 0) &&
    (!step || log.step === step) &&
    (!traceId || log.traceId === traceId) &&
    (!text || JSON.stringify(log).toLowerCase().includes(text.toLowerCase()))
  )
}

/** Who has said it; what is printed is of a process. */
const speaker = ({ step, fields }: Log): string => step ?? ('from' in fields ? String(fields.sidecar) : 'core')

/** Fields as they stand beside the message: their beginning. */
function inline({ fields }: Log): string {
  const text = 'from' in fields ? '{}' : JSON.stringify(fields)
  return text === '{}' ? '' : text.slice(0, LONGEST)
}

export default function Logs() {
  const [filters, setFilters] = useFilters()
  const client = useQueryClient()
  const [isPaused, setPaused] = useState(false)
  const [fresh, setFresh] = useState<Log[]>([])
  const [opened, setOpened] = useState<Log | undefined>()
  const { level, step, traceId, text, within } = filters
  const key = ['logs', { level, step, traceId, text, within }]
  const logs = useInfiniteQuery({
    placeholderData: keepPreviousData, // a list that is searched does not vanish with each letter
    queryKey: key,
    initialPageParam: '',
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ pageParam }) =>
      get<Page>(`/logs${query({ level, step, traceId, text, since: sinceOf(within), cursor: pageParam, limit: 200 })}`),
    getNextPageParam: ({ cursor }) => cursor || undefined,
  })
  useEffect(() => {
    setFresh([])
    void client.invalidateQueries({ queryKey: key })
    if (isPaused) return
    return onLogs((came) =>
      setFresh((before) => [...came.filter((log) => isWanted(log, filters)).reverse(), ...before].slice(0, MOST_NEW)),
    )
  }, [level, step, traceId, text, within, isPaused])
  const more = () => {
    if (logs.hasNextPage && !logs.isFetchingNextPage) void logs.fetchNextPage()
  }
  return (
    <div className="page">
      <div className="bar">
        <h1>Logs</h1>
        <input
          type="search"
          aria-label="search logs"
          placeholder="text"
          value={text ?? ''}
          onChange={(event) => setFilters({ text: event.target.value })}
        />
        <Choice label="level" value={level} of={['info', 'warn', 'error']} set={(to) => setFilters({ level: to })} />
        <Within value={within} set={(to) => setFilters({ within: to })} />
        {[
          ['step', step],
          ['traceId', traceId],
        ].map(
          ([name, value]) =>
            value && (
              <button type="button" key={name} className="chip accent" onClick={() => setFilters({ [name ?? '']: '' })}>
                {value} ✕
              </button>
            ),
        )}
        <span className="grow" />
        <button type="button" aria-pressed={isPaused} onClick={() => setPaused(!isPaused)}>
          {isPaused ? 'Follow' : 'Pause'}
        </button>
      </div>
      <Loaded query={logs}>
        {({ pages }) => {
          const old = pages.flatMap((page) => page.logs)
          const known = new Set(old.map(({ id }) => id))
          const all = [...fresh.filter(({ id }) => !known.has(id)), ...old]
          if (all.length === 0)
            return <Empty title="Nothing was logged">ctx.logger and print of a step are shown here.</Empty>
          return (
            <div className={`split ${opened ? 'two open' : ''}`}>
              <VirtualList
                items={all}
                label="log records"
                columns={COLUMNS}
                narrow="60px minmax(0, 1fr)"
                height={32}
                keyOf={({ id }) => id}
                selected={opened?.id ?? null}
                open={setOpened}
                more={more}
                line={(log) => (
                  <>
                    <span className="wide mono soft">{clock(log.time)}</span>
                    <span className={`chip ${log.level}`}>{log.level}</span>
                    <span className="wide soft">{speaker(log)}</span>
                    <span>
                      {log.msg} <span className="mono soft wide">{inline(log)}</span>
                    </span>
                    <span className="wide mono soft">{log.traceId}</span>
                  </>
                )}
              />
              {opened && (
                <div className="pane panel body stack">
                  <div className="row">
                    <h2>{speaker(opened)}</h2>
                    <span className={`chip ${opened.level}`}>{opened.level}</span>
                    <span style={{ flex: 1 }} />
                    <button type="button" className="quiet" aria-label="close" onClick={() => setOpened(undefined)}>
                      ✕
                    </button>
                  </div>
                  <p style={{ margin: 0, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{opened.msg}</p>
                  <Facts
                    of={[
                      ['When', moment(opened.time)],
                      ['Run', opened.traceId && <a href={href('runs', opened.traceId)}>{opened.traceId}</a>],
                    ]}
                  />
                  {Object.keys(opened.fields).length > 0 && <Code text={pretty(opened.fields)} />}
                  <div className="row">
                    {opened.traceId && (
                      <button type="button" onClick={() => setFilters({ traceId: opened.traceId ?? '' })}>
                        Only this run
                      </button>
                    )}
                    {opened.step && (
                      <button type="button" onClick={() => setFilters({ step: opened.step ?? '' })}>
                        Only this step
                      </button>
                    )}
                    <button type="button" onClick={() => void copy(JSON.stringify(opened))}>
                      Copy
                    </button>
                  </div>
                </div>
              )}
            </div>
          )
        }}
      </Loaded>
    </div>
  )
}
