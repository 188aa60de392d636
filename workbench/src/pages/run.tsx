/** One run: what happened when, in which language, and why. */

import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type Attempt, get, type HttpInput, post, type Root, type Trace } from '../api'
import { diff } from '../diff'
import { curl, pytest, recorded, vitest } from '../export'
import { clock, duration, moment } from '../format'
import { Code, copy, Facts, payloadText, pretty, Section, StatusChip, attempt as trying } from '../parts/bits'
import { Editor, readJson } from '../parts/editor'
import { Loaded } from '../parts/states'
import { go, href, useFilters } from '../route'
import { Spans } from './run-spans'
import { Waterfall } from './run-waterfall'

const RUNNING_MS = 1000 // how often a run that goes on is read again

const useTrace = (id: string, isWanted = true) =>
  useQuery({
    queryKey: ['trace', id],
    queryFn: () => get<Trace>(`/traces/${encodeURIComponent(id)}`),
    enabled: isWanted,
    refetchInterval: ({ state }) => (state.data?.run.status === 'running' ? RUNNING_MS : false),
  })

export function OneRun({ id }: { id: string }) {
  const trace = useTrace(id)
  const [filters, setFilters] = useFilters()
  return (
    <div className="page">
      <Loaded query={trace}>
        {(data) => {
          const failed = data.attempts.find(({ status }) => status === 'failed')
          const shown =
            data.attempts.find((one) => String(one.id) === filters.attempt) ??
            (data.run.status === 'failed' ? failed : undefined) ??
            data.attempts[0]
          return (
            <>
              <Head trace={data} shown={shown} />
              {filters.with ? (
                <Compare trace={data} other={filters.with} />
              ) : (
                <div className="split two">
                  <div className="pane">
                    <Waterfall trace={data} selected={shown?.id} select={(to) => setFilters({ attempt: String(to) })} />
                  </div>
                  <div className="pane panel">
                    {shown && <OneAttempt key={shown.id} attempt={shown} trace={data} />}
                  </div>
                </div>
              )}
            </>
          )
        }}
      </Loaded>
    </div>
  )
}

function Head({ trace, shown }: { trace: Trace; shown: Attempt | undefined }) {
  const { run } = trace
  const [filters, setFilters] = useFilters()
  const [isReplay, setReplay] = useState(false)
  const http = trace.attempts.find(({ trigger }) => trigger === 'http')
  const request = http?.input ? recorded(http.input as HttpInput) : undefined
  const status = (http?.output as { status?: number } | null)?.status ?? 200
  return (
    <>
      <div className="bar">
        <div className="about">
          <div className="row">
            <a href={href('runs')}>Runs</a>
            <span className="soft">/</span>
            <h1>{run.name}</h1>
            <StatusChip status={run.status} />
          </div>
          <div className="row soft">
            <span>{run.label}</span>
            <span>{duration(run.durationMs)}</span>
            <span>{moment(run.startedMs)}</span>
            <span className="mono">{run.traceId}</span>
          </div>
        </div>
        {shown && (
          <button type="button" className="primary" onClick={() => setReplay(!isReplay)}>
            Run again
          </button>
        )}
        {request && (
          <>
            <button
              type="button"
              onClick={() => void copy(curl(request, location.origin), 'the curl command is copied')}
            >
              Copy as curl
            </button>
            <select
              aria-label="copy as a test"
              value=""
              onChange={({ target }) => {
                const make = target.value === 'pytest' ? pytest : vitest
                void copy(make(request, status, location.origin), 'the test is copied')
              }}
            >
              <option value="">Copy as test</option>
              <option value="pytest">pytest</option>
              <option value="vitest">vitest</option>
            </select>
          </>
        )}
        {filters.with ? (
          <button type="button" onClick={() => setFilters({ with: '' })}>
            Stop comparing
          </button>
        ) : (
          <Other run={trace} choose={(other) => setFilters({ with: other })} />
        )}
      </div>
      {isReplay && shown && <Replay key={shown.id} attempt={shown} done={() => setReplay(false)} />}
    </>
  )
}

/** Other runs of the same step, to compare with. */
function Other({ run, choose }: { run: Trace; choose: (id: string) => void }) {
  const others = useQuery({
    queryKey: ['runs', 'like', run.run.name],
    queryFn: () => get<{ runs: Trace['run'][] }>(`/runs?limit=20&step=${encodeURIComponent(run.run.name)}`),
  })
  const found = others.data?.runs.filter(({ traceId }) => traceId !== run.traceId) ?? []
  if (found.length === 0) return null
  return (
    <select aria-label="compare with" className="wide" value="" onChange={(event) => choose(event.target.value)}>
      <option value="">Compare with…</option>
      {found.map(({ traceId, status, startedMs }) => (
        <option key={traceId} value={traceId}>
          {traceId} {status} {clock(startedMs)}
        </option>
      ))}
    </select>
  )
}

function inputOf(attempt: Attempt): unknown {
  const { input } = attempt
  if (input === null || typeof input !== 'object') return input
  if ('json' in input) return input.json
  if (attempt.trigger === 'http') {
    const { body } = input as HttpInput
    return body && 'json' in body ? body.json : body && 'text' in body ? body.text : null
  }
  return null
}

function Replay({ attempt, done }: { attempt: Attempt; done: () => void }) {
  const [text, setText] = useState(() => pretty(inputOf(attempt)))
  const before = pretty(inputOf(attempt))
  const { value, error } = readJson(text)
  const send = () =>
    trying(async () => {
      const input = attempt.trigger === 'http' ? { body: value === null ? null : { json: value } } : value
      const body = text === before ? { attemptId: attempt.id } : { attemptId: attempt.id, input }
      const { traceId } = await post<{ traceId: string }>('/replay', body)
      done()
      go(href('runs', traceId))
      return `${attempt.name} runs again.`
    })
  return (
    <div className="body panel stack" style={{ borderBottom: '1px solid var(--line)' }}>
      <p className="soft" style={{ margin: 0 }}>
        {attempt.name} runs once more, with this {attempt.trigger === 'http' ? 'body' : 'input'}; what follows from it
        does, too.
      </p>
      {attempt.trigger !== 'cron' && <Editor text={text} label="input" change={setText} />}
      {error && <p className="bad">{error}</p>}
      <div className="row">
        <button type="button" className="primary" disabled={error !== ''} onClick={() => void send()}>
          Run {attempt.name} again
        </button>
        <button type="button" onClick={done}>
          Cancel
        </button>
      </div>
    </div>
  )
}

function OneAttempt({ attempt, trace }: { attempt: Attempt; trace: Trace }) {
  const logs = trace.logs.filter(
    ({ step, time }) =>
      step === attempt.name && time >= attempt.startedMs - 1 && time <= attempt.startedMs + attempt.durationMs + 50,
  )
  const parent = trace.attempts.find(({ id }) => id === attempt.parentId)
  const { error } = attempt
  return (
    <div className="body stack">
      <div className="row">
        <h2>{attempt.name}</h2>
        <StatusChip status={attempt.status} />
        <a href={href('flows', '', { step: attempt.step })}>step</a>
      </div>
      <Facts
        of={[
          ['Trigger', attempt.label],
          ['Language', attempt.language],
          ['Started', clock(attempt.startedMs)],
          ['Took', duration(attempt.durationMs)],
          ['Waited', attempt.waitedMs > 0 && duration(attempt.waitedMs)],
          ['Attempt', attempt.attempt > 1 && attempt.attempt],
          ['Caused by', parent?.name],
        ]}
      />
      {error && (
        <Section title="Error">
          <p className="bad" style={{ margin: 0 }}>
            {error.type && !error.message.startsWith(error.type) ? `${error.type}: ` : ''}
            {error.message}
          </p>
          {error.file && <InProject file={error.file} line={error.line} />}
          {error.stack && <Code text={error.stack} />}
        </Section>
      )}
      {attempt.input !== null && (
        <Section title="Input">
          <Code text={showIn(attempt)} />
        </Section>
      )}
      {attempt.output !== null && (
        <Section title="Output">
          <Code text={showOut(attempt)} />
        </Section>
      )}
      {attempt.calls.length > 0 && (
        <Section title="Calls">
          <table>
            <tbody>
              {attempt.calls.map((call, index) => (
                <tr key={index}>
                  <td className="number soft">{duration(call.offsetMs)}</td>
                  <td>
                    {call.type}
                    {call.count > 1 && <span className="soft"> ×{call.count}</span>}
                    <div className="mono soft">{call.target}</div>
                    {call.error && <div className="bad">{call.error}</div>}
                    {call.data && (
                      <details>
                        <summary className="soft">data</summary>
                        <Code text={payloadText(call.data)} />
                      </details>
                    )}
                  </td>
                  <td className="number">{duration(call.durationMs)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {attempt.callsDropped > 0 && <p className="soft">{attempt.callsDropped} more are not recorded.</p>}
        </Section>
      )}
      {attempt.spans.length > 0 && <Spans attempt={attempt} />}
      {logs.length > 0 && (
        <Section title="Logs" aside={<a href={href('logs', '', { traceId: trace.traceId })}>of the whole run</a>}>
          <table>
            <tbody>
              {logs.map((log) => (
                <tr key={log.id}>
                  <td className="mono soft">{clock(log.time)}</td>
                  <td>
                    <span className={`chip ${log.level}`}>{log.level}</span> {log.msg}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Section>
      )}
    </div>
  )
}

/** A place in a file, below the project when it is there. */
function InProject({ file, line }: { file: string; line: number | undefined }) {
  const root = useQuery({ queryKey: ['root'], queryFn: () => get<Root>('') })
  const above = `${root.data?.project.path}/`
  return (
    <span className="mono soft" title={file}>
      {file.startsWith(above) ? file.slice(above.length) : file}:{line}
    </span>
  )
}

function showIn(attempt: Attempt): string {
  if (attempt.trigger !== 'http') return payloadText(attempt.input)
  const { method, path, query, headers, body } = attempt.input as HttpInput
  const lines = [`${method} ${path}${Object.keys(query ?? {}).length ? `?${new URLSearchParams(query as never)}` : ''}`]
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  return body ? `${lines.join('\n')}\n\n${payloadText(body)}` : lines.join('\n')
}

function showOut(attempt: Attempt): string {
  if (attempt.trigger !== 'http') return payloadText(attempt.output)
  const { status, headers, body, streamed } = attempt.output as {
    status: number
    headers: Record<string, string>
    body: never
    streamed?: boolean
  }
  const lines = [String(status), ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)]
  return `${lines.join('\n')}${streamed ? '\n\n(streamed)' : body ? `\n\n${payloadText(body)}` : ''}`
}

/** Two runs side by side: what took longer, and what was different. */
function Compare({ trace, other }: { trace: Trace; other: string }) {
  const second = useTrace(other)
  return (
    <Loaded query={second}>
      {(with_) => {
        const names = [...new Set([...trace.attempts, ...with_.attempts].map(({ name }) => name))]
        const of = (one: Trace, name: string) => one.attempts.filter((attempt) => attempt.name === name).at(-1)
        return (
          <div className="pane">
            <table>
              <thead>
                <tr>
                  <th>step</th>
                  <th className="number">{trace.traceId}</th>
                  <th className="number">
                    <a href={href('runs', other)}>{other}</a>
                  </th>
                  <th>what is different</th>
                </tr>
              </thead>
              <tbody>
                {names.map((name) => {
                  const [a, b] = [of(trace, name), of(with_, name)]
                  const texts = [a, b].map((one) => (one ? `${showBoth(one)}` : ''))
                  const lines = diff(texts[0] ?? '', texts[1] ?? '')
                  const isSame = lines.every(({ kind }) => kind === 'same')
                  return (
                    <tr key={name}>
                      <td>{name}</td>
                      <td className="number">{a ? duration(a.durationMs) : '–'}</td>
                      <td className="number">{b ? duration(b.durationMs) : '–'}</td>
                      <td>
                        {isSame ? (
                          <span className="soft">nothing</span>
                        ) : (
                          <pre className="code">
                            {lines.map(({ kind, text }, index) => (
                              <div key={index} className={kind}>
                                {{ same: '  ', added: '+ ', removed: '- ' }[kind]}
                                {text}
                              </div>
                            ))}
                          </pre>
                        )}
                      </td>
                    </tr>
                  )
                })}
              </tbody>
            </table>
          </div>
        )
      }}
    </Loaded>
  )
}

function showBoth(attempt: Attempt): string {
  const parts = [`status ${attempt.status}`]
  if (attempt.input !== null) parts.push('input', pretty(inputOf(attempt)))
  if (attempt.output !== null) parts.push('output', showOut(attempt))
  if (attempt.error) parts.push('error', attempt.error.message)
  return parts.join('\n')
}
