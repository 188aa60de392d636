/** The project's routes, and a way to try them. */

import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { get, type Step } from '../api'
import { curl, type Request } from '../export'
import { bytes, duration } from '../format'
import { attempt, Code, copy, pretty, Section } from '../parts/bits'
import { Editor } from '../parts/editor'
import { JsonInput } from '../parts/json-input'
import { Empty, Loaded } from '../parts/states'
import { VirtualList } from '../parts/virtual-list'
import { go, href, useFilters, useRoute } from '../route'
import { fill, parameters, sample } from '../schema'
import { keepSent, readSent } from '../sent'

export default function Endpoints() {
  const { id } = useRoute()
  const [filters, setFilters] = useFilters()
  const steps = useQuery({ queryKey: ['steps'], queryFn: () => get<{ steps: Step[] }>('/steps') })
  const wanted = (filters.text ?? '').toLowerCase()
  return (
    <div className="page">
      <div className="bar">
        <h1>Endpoints</h1>
        <input
          type="search"
          aria-label="search endpoints"
          placeholder="method, path, name"
          value={filters.text ?? ''}
          onChange={(event) => setFilters({ text: event.target.value })}
        />
      </div>
      <Loaded query={steps}>
        {({ steps: all }) => {
          const routes = all.filter(({ type }) => type === 'api')
          if (routes.length === 0)
            return <Empty title="There is no api step">Steps with type api answer requests.</Empty>
          const found = routes.filter(({ method, path, name }) =>
            `${method} ${path} ${name}`.toLowerCase().includes(wanted),
          )
          const shown = routes.find((step) => step.id === id) ?? found[0]
          return (
            <div className="split left">
              <nav className="pane panel whole" aria-label="endpoints">
                <VirtualList
                  items={byFlow(found)}
                  label="endpoints"
                  columns="minmax(0, 1fr)"
                  height={52}
                  keyOf={({ flow, step }) => (step ? `${flow}/${step.id}` : flow)}
                  heading={({ flow, step }) => (step ? undefined : flow)}
                  isSelected={({ step }) => step !== undefined && step.id === shown?.id}
                  open={({ step }) => step && go(href('endpoints', step.id, { text: filters.text }))}
                  line={({ step }) =>
                    step && (
                      <span>
                        <span className="mono">
                          <Method of={step} /> {step.path}
                        </span>
                        <br />
                        <span className="soft">{step.name}</span>
                      </span>
                    )
                  }
                />
                {found.length === 0 && <p className="body soft">No endpoint is like that.</p>}
              </nav>
              <div className="pane">{shown && <Try key={shown.id} step={shown} />}</div>
            </div>
          )
        }}
      </Loaded>
    </div>
  )
}

/** A step in the list; without one, the head of a flow. */
interface Entry {
  flow: string
  step?: Step
}

/** The steps below the names of their flows; first those that are in none. */
function byFlow(steps: Step[]): Entry[] {
  const flows = [...new Set(steps.flatMap(({ flows: of }) => (of.length ? of : [''])))].sort()
  return flows.flatMap((flow) => {
    const of = steps.filter(({ flows: names }) => (names.length ? names.includes(flow) : flow === ''))
    return [...(flow ? [{ flow }] : []), ...of.map((step) => ({ flow, step }))]
  })
}

interface Answer {
  status: number
  took: number
  headers: [string, string][]
  text: string
  size: number
  traceId: string | null
}

function Try({ step }: { step: Step }) {
  const route = step.path ?? '/'
  const names = parameters(route)
  const [values, setValues] = useState<Record<string, string>>({})
  const declared = step.queryParams ?? []
  const [asked, setAsked] = useState<Record<string, string>>({})
  const [search, setSearch] = useState('')
  const [headers, setHeaders] = useState('')
  const [body, setBody] = useState(() => (step.bodySchema ? pretty(sample(step.bodySchema)) : ''))
  const [answer, setAnswer] = useState<Answer | string>()
  const [isWaiting, setWaiting] = useState(false)
  const [history, setHistory] = useState(readSent)
  const hasBody = !['GET', 'HEAD'].includes(step.method ?? 'GET')
  const given = readHeaders(headers)
  const isJson = (given['content-type'] ?? 'application/json').includes('json')

  const request = (): Request => {
    const type: Record<string, string> = hasBody && body.trim() ? { 'content-type': 'application/json' } : {}
    const named = new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== ''))
    const text = [named.toString(), search.replace(/^\?/, '')].filter(Boolean).join('&')
    return {
      method: step.method ?? 'GET',
      path: fill(route, values) + (text && `?${text}`),
      headers: { ...type, ...given },
      body: hasBody && body.trim() ? body : null,
    }
  }

  const send = async (sent: Request) => {
    setWaiting(true)
    const began = performance.now()
    try {
      const response = await fetch(sent.path, { method: sent.method, headers: sent.headers, body: sent.body })
      const data = await response.arrayBuffer()
      const took = performance.now() - began
      setAnswer({
        status: response.status,
        took,
        headers: [...response.headers],
        text: readable(data, response.headers.get('content-type') ?? ''),
        size: data.byteLength,
        traceId: response.headers.get('x-trace-id'),
      })
      setHistory(keepSent({ ...sent, at: Date.now(), step: step.id, status: response.status }))
    } catch (failure) {
      setAnswer(`No answer came: ${failure instanceof Error ? failure.message : failure}`)
    } finally {
      setWaiting(false)
    }
  }

  const before = history.filter((kept) => kept.step === step.id)
  return (
    <div className="try">
      <div className="body stack">
        <div>
          <div className="row">
            <h2 className="mono">
              <Method of={step} /> {step.path}
            </h2>
            <a href={href('flows', '', { step: step.id })}>{step.name}</a>
          </div>
          {step.description && <div className="soft">{step.description}</div>}
        </div>
        <Named fields={names.map((name) => ({ name }))} values={values} set={setValues} />
        <Named fields={declared} values={asked} set={setAsked} />
        <div className="row">
          <label className="field" style={{ flex: 1 }}>
            {declared.length > 0 ? 'More of the query' : 'Query'}
            <input placeholder="page=1&sort=name" value={search} onChange={({ target }) => setSearch(target.value)} />
          </label>
        </div>
        <label className="field">
          Headers, one on each line
          <textarea
            rows={2}
            className="mono"
            placeholder="authorization: Bearer …"
            value={headers}
            onChange={({ target }) => setHeaders(target.value)}
          />
        </label>
        {hasBody && (
          <Section title="Body">
            {isJson ? (
              <JsonInput schema={step.bodySchema} text={body} label="body of the request" change={setBody} />
            ) : (
              <Editor text={body} language="text" label="body of the request" change={setBody} />
            )}
          </Section>
        )}
        <div className="row">
          <button type="button" className="primary" disabled={isWaiting} onClick={() => void send(request())}>
            {isWaiting ? 'Waiting…' : 'Send'}
          </button>
          <button
            type="button"
            onClick={() => void copy(curl(request(), location.origin), 'the curl command is copied')}
          >
            Copy as curl
          </button>
        </div>
      </div>
      <div className="body stack answer">
        {answer === undefined && (
          <Section title="Answer">
            <p className="soft hint">Send the request: what comes back is shown here, and leads to its run.</p>
          </Section>
        )}
        {typeof answer === 'string' && <p className="bad">{answer}</p>}
        {answer && typeof answer !== 'string' && <Shown answer={answer} />}
        {before.length > 0 && (
          <Section title="Sent before">
            <table>
              <tbody>
                {before.slice(0, 8).map((kept) => (
                  <tr key={kept.at}>
                    <td>
                      <span className={`chip ${kept.status < 400 ? 'completed' : 'failed'}`}>{kept.status}</span>
                    </td>
                    <td className="mono">{kept.path}</td>
                    <td className="soft">{new Date(kept.at).toLocaleTimeString('en-GB')}</td>
                    <td>
                      <button
                        type="button"
                        onClick={() =>
                          void attempt(async () => {
                            if (kept.body !== null) setBody(kept.body)
                            await send(kept)
                            return undefined
                          })
                        }
                      >
                        Send again
                      </button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Section>
        )}
      </div>
    </div>
  )
}

/** Fields for words that have names. */
function Named(props: {
  fields: { name: string; description?: string }[]
  values: Record<string, string>
  set: (values: Record<string, string>) => void
}) {
  const { fields, values, set } = props
  if (fields.length === 0) return null
  return (
    <div className="fields">
      {fields.map(({ name, description }) => (
        <label className="field" key={name} title={description}>
          {name}
          <input value={values[name] ?? ''} onChange={({ target }) => set({ ...values, [name]: target.value })} />
        </label>
      ))}
    </div>
  )
}

/** Headers as they are typed: one on each line. */
function readHeaders(text: string): Record<string, string> {
  const lines = text.split('\n').map((line) => line.split(/:\s*(.*)/s))
  return Object.fromEntries(
    lines.filter(([name]) => name?.trim()).map(([name = '', value = '']) => [name.trim().toLowerCase(), value]),
  )
}

function Method({ of: { method = 'GET' } }: { of: Step }) {
  return <b className={`method ${method.toLowerCase()}`}>{method}</b>
}

function readable(data: ArrayBuffer, type: string): string {
  if (/json/.test(type)) {
    const text = new TextDecoder().decode(data)
    try {
      return pretty(JSON.parse(text))
    } catch {
      return text
    }
  }
  return /text|xml|javascript|^$/.test(type) ? new TextDecoder().decode(data) : `${bytes(data.byteLength)} of ${type}`
}

function Shown({ answer }: { answer: Answer }) {
  const { status, took, size, traceId, headers, text } = answer
  return (
    <Section title="Answer">
      <div className="row">
        <span className={`chip ${status < 400 ? 'completed' : 'failed'}`}>{status}</span>
        <span className="soft">
          {duration(took)} · {bytes(size)}
        </span>
        {traceId && <a href={href('runs', traceId)}>its run</a>}
      </div>
      {text && <Code text={text} />}
      <details>
        <summary className="soft">headers</summary>
        <Code text={headers.map(([name, value]) => `${name}: ${value}`).join('\n')} />
      </details>
    </Section>
  )
}
