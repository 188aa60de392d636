/** What waits for steps, and what was given up. */

import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { get, type Letter, post, type Queue, query, type StepStats } from '../api'
import { count } from '../format'
import { Ago, attempt, Code, Confirm, Facts, payloadText, pretty, Section } from '../parts/bits'
import { Editor, readJson } from '../parts/editor'
import { Pausing } from '../parts/pausing'
import { Empty, Loaded } from '../parts/states'
import { VirtualList } from '../parts/virtual-list'
import { href, useFilters } from '../route'

const COLUMNS = 'minmax(140px, 1.4fr) minmax(100px, 1fr) 76px 76px 76px 76px 84px 90px'

export default function Queues() {
  const [filters, setFilters] = useFilters()
  const tab = filters.tab || 'queues'
  return (
    <div className="page">
      <div className="bar">
        <h1>Queues</h1>
        <div className="tabs" role="tablist" style={{ border: 0 }}>
          {[
            ['queues', 'Waiting'],
            ['dead', 'Dead letters'],
          ].map(([name, title]) => (
            <button
              type="button"
              role="tab"
              key={name}
              aria-selected={tab === name}
              onClick={() => setFilters({ tab: name ?? '', step: '', id: '' })}
            >
              {title}
            </button>
          ))}
        </div>
        {filters.step && (
          <button type="button" className="chip accent" onClick={() => setFilters({ step: '' })}>
            {filters.step} ✕
          </button>
        )}
      </div>
      {tab === 'dead' ? <Dead /> : <Waiting />}
    </div>
  )
}

function Waiting() {
  const [filters, setFilters] = useFilters()
  const queues = useQuery({
    queryKey: ['queues'],
    queryFn: () => get<{ queues: Queue[] }>('/queues'),
    refetchInterval: 5000,
  })
  const stats = useQuery({
    queryKey: ['stats', 'of the last minute'],
    queryFn: () => get<{ steps: Record<string, StepStats> }>('/stats?minutes=1'),
    refetchInterval: 5000,
  })
  const rate = (step: string) => stats.data?.steps[step]?.completed ?? 0
  return (
    <Loaded query={queues}>
      {({ queues: all }) =>
        all.length === 0 ? (
          <Empty title="There are no queues">Each event and cron step has one.</Empty>
        ) : (
          <div className={`split ${filters.step ? 'two open' : ''}`}>
            <VirtualList
              items={all}
              label="queues"
              columns={COLUMNS}
              narrow="minmax(0, 1fr) 66px 66px 56px"
              keyOf={({ step }) => step}
              selected={filters.step ?? null}
              open={({ step }) => setFilters({ step })}
              head={
                <>
                  <span>step</span>
                  <span className="wide">topics</span>
                  <span className="number">waiting</span>
                  <span className="number wide">delayed</span>
                  <span className="number">running</span>
                  <span className="number">dead</span>
                  <span className="number wide" title="completed in the last minute">
                    per min
                  </span>
                  <span className="number wide">oldest</span>
                </>
              }
              line={(queue) => (
                <>
                  <span>
                    {queue.name ?? queue.step} {queue.name === null && <span className="chip warn">gone</span>}{' '}
                    {queue.type === 'fifo' && <span className="chip">fifo</span>}{' '}
                    {queue.paused && <span className="chip warn">paused</span>}
                  </span>
                  <span className="wide soft">{queue.topics.join(', ') || queue.type}</span>
                  <span className="number">{count(queue.waiting)}</span>
                  <span className="number wide">{count(queue.delayed)}</span>
                  <span className="number">{count(queue.running)}</span>
                  <span className={`number ${queue.dead > 0 ? 'bad' : ''}`}>{count(queue.dead)}</span>
                  <span className="number wide">{count(rate(queue.step))}</span>
                  <span className="number wide">
                    {queue.oldestMs ? <Ago ms={queue.oldestMs} /> : <span className="soft">–</span>}
                  </span>
                </>
              )}
            />
            {filters.step && (
              <Deliveries
                key={filters.step}
                step={filters.step}
                queue={all.find(({ step }) => step === filters.step)}
                close={() => setFilters({ step: '' })}
              />
            )}
          </div>
        )
      }
    </Loaded>
  )
}

interface Delivery {
  id: number
  topic: string
  status: string
  attempt: number
  emittedMs: number
  dueMs: number | null
  traceId: string
  data: unknown
}

interface DeliveriesProps {
  step: string
  queue: Queue | undefined
  close: () => void
}

function Deliveries({ step, queue, close }: DeliveriesProps) {
  const found = useQuery({
    queryKey: ['queues', 'of', step],
    queryFn: () => get<{ deliveries: Delivery[]; cursor: string }>(`/queues/deliveries${query({ step, limit: 50 })}`),
    refetchInterval: 5000,
  })
  return (
    <div className="pane panel body stack">
      <div className="row">
        <h2>{step}</h2>
        <a href={href('flows', '', { step })}>step</a>
        <a href={href('queues', '', { tab: 'dead', step })}>dead letters</a>
        <span style={{ flex: 1 }} />
        {queue && queue.type !== 'gone' && (
          <Pausing of={queue.type === 'cron' ? 'cron' : 'queues'} step={step} isPaused={queue.paused} />
        )}
        <button type="button" className="quiet" aria-label="close" onClick={close}>
          ✕
        </button>
      </div>
      <Loaded query={found}>
        {({ deliveries, cursor }) =>
          deliveries.length === 0 ? (
            <p className="soft">Nothing waits for it.</p>
          ) : (
            <>
              {deliveries.map((one) => (
                <details key={one.id}>
                  <summary>
                    <span className="chip">{one.status}</span> {one.topic}{' '}
                    <span className="soft">
                      attempt {one.attempt} · <Ago ms={one.emittedMs} />
                    </span>
                  </summary>
                  <a href={href('runs', one.traceId)}>its run</a>
                  <Code text={payloadText(one.data)} />
                </details>
              ))}
              {cursor && <p className="soft">There are more.</p>}
            </>
          )
        }
      </Loaded>
    </div>
  )
}

interface Letters {
  deadLetters: Letter[]
  nextBefore: number | null
}

function Dead() {
  const [filters, setFilters] = useFilters()
  const client = useQueryClient()
  const [asking, setAsking] = useState<'redrive' | 'discard' | undefined>()
  const { step } = filters
  const letters = useInfiniteQuery({
    queryKey: ['dlq', step],
    initialPageParam: 0,
    refetchInterval: 10_000,
    queryFn: ({ pageParam }) => get<Letters>(`/dlq${query({ step, before: pageParam || undefined, limit: 100 })}`),
    getNextPageParam: ({ nextBefore }) => nextBefore ?? undefined,
  })
  const act = (what: 'redrive' | 'discard') =>
    attempt(async () => {
      const done = await post<Record<string, number>>(`/dlq/${what}`, { all: true, ...(step ? { step } : {}) })
      void client.invalidateQueries({ queryKey: ['dlq'] })
      setFilters({ id: '' })
      return `${done[what === 'redrive' ? 'redriven' : 'discarded']} ${what === 'redrive' ? 'brought back' : 'discarded'}.`
    })
  return (
    <Loaded query={letters}>
      {({ pages }) => {
        const all = pages.flatMap((page) => page.deadLetters)
        if (all.length === 0)
          return <Empty title="Nothing was given up">Events whose step failed with every attempt come here.</Empty>
        return (
          <>
            <div className="bar">
              <button type="button" onClick={() => setAsking('redrive')}>
                Bring all back
              </button>
              <button type="button" className="danger" onClick={() => setAsking('discard')}>
                Discard all
              </button>
            </div>
            <div className={`split ${filters.id ? 'two open' : ''}`}>
              <VirtualList
                items={all}
                label="dead letters"
                columns="minmax(120px, 1fr) minmax(100px, 1fr) minmax(0, 2fr) 84px"
                narrow="minmax(80px, 1fr) minmax(0, 2fr)"
                keyOf={({ id }) => id}
                selected={Number(filters.id)}
                open={({ id }) => setFilters({ id: String(id) })}
                more={() => letters.hasNextPage && !letters.isFetchingNextPage && void letters.fetchNextPage()}
                head={
                  <>
                    <span>step</span>
                    <span className="wide">topic</span>
                    <span>why it was given up</span>
                    <span className="wide">when</span>
                  </>
                }
                line={(letter) => (
                  <>
                    <span>{letter.step}</span>
                    <span className="wide soft">{letter.topic}</span>
                    <span className="bad">{letter.reason}</span>
                    <span className="wide">
                      <Ago ms={letter.deadMs} />
                    </span>
                  </>
                )}
              />
              {filters.id && (
                <OneLetter
                  key={filters.id}
                  id={filters.id}
                  done={() => {
                    setFilters({ id: '' })
                    void client.invalidateQueries({ queryKey: ['dlq'] })
                  }}
                />
              )}
            </div>
            {asking && (
              <Confirm
                text={`All dead letters${step ? ` of ${step}` : ''} are ${asking === 'redrive' ? 'delivered once more' : 'deleted'}.`}
                action={asking === 'redrive' ? 'Bring them back' : 'Discard them'}
                done={() => setAsking(undefined)}
                confirmed={() => void act(asking)}
              />
            )}
          </>
        )
      }}
    </Loaded>
  )
}

function OneLetter({ id, done }: { id: string; done: () => void }) {
  const letter = useQuery({ queryKey: ['dlq', 'one', id], queryFn: () => get<Letter>(`/dlq/${id}`) })
  return (
    <div className="pane panel body stack">
      <Loaded query={letter}>{(one) => <Shown letter={one} done={done} />}</Loaded>
    </div>
  )
}

function Shown({ letter, done }: { letter: Letter; done: () => void }) {
  const before = pretty(letter.data ?? null)
  const [text, setText] = useState(before)
  const { value, error } = readJson(text)
  const act = (what: 'redrive' | 'discard') =>
    attempt(async () => {
      const data = what === 'redrive' && text !== before ? { data: value } : {}
      await post(`/dlq/${what}`, { ids: [letter.id], ...data })
      done()
      return what === 'redrive' ? 'It is delivered once more.' : 'It is discarded.'
    })
  return (
    <>
      <div className="row">
        <h2>{letter.step}</h2>
        <a href={href('runs', letter.traceId)}>run</a>
        <span style={{ flex: 1 }} />
        <button type="button" className="quiet" aria-label="close" onClick={done}>
          ✕
        </button>
      </div>
      <Facts
        of={[
          ['Topic', letter.topic],
          ['Attempts', letter.attempts],
          ['Emitted', <Ago key="e" ms={letter.emittedMs} />],
          ['Given up', <Ago key="d" ms={letter.deadMs} />],
        ]}
      />
      <Section title="Data">
        <Editor text={text} label="data of the dead letter" change={setText} />
        {error && <p className="bad">{error}</p>}
      </Section>
      <div className="row">
        <button type="button" className="primary" disabled={error !== ''} onClick={() => void act('redrive')}>
          Bring back{text !== before ? ' with this data' : ''}
        </button>
        <button type="button" className="danger" onClick={() => void act('discard')}>
          Discard
        </button>
      </div>
      <Section title="Failures">
        {(letter.failures ?? []).map((failure) => (
          <details key={failure.attempt}>
            <summary>
              attempt {failure.attempt}: <span className="bad">{failure.message}</span>
            </summary>
            {failure.stack && <Code text={failure.stack} />}
          </details>
        ))}
      </Section>
    </>
  )
}
