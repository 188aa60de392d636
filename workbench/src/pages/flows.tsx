/** The steps and how they lead to each other, with what happens in them now. */

import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type Flow, get, getText, type Root } from '../api'
import { GraphView } from '../flow/graph-view'
import { svg } from '../graph'
import { attempt, copy, say } from '../parts/bits'
import { Empty, Loaded } from '../parts/states'
import { useFilters } from '../route'
import { StepPanel } from './step-panel'

export default function Flows() {
  const flows = useQuery({ queryKey: ['flows'], queryFn: () => get<{ flows: Flow[] }>('/flows') })
  return (
    <div className="page">
      <Loaded query={flows}>{({ flows: all }) => (all.length === 0 ? <NoSteps /> : <OneOf all={all} />)}</Loaded>
    </div>
  )
}

function NoSteps() {
  const root = useQuery({ queryKey: ['root'], queryFn: () => get<Root>('') })
  return (
    <Empty title="There are no steps yet">
      {root.data?.isDev
        ? 'Add a file such as steps/hello.step.ts: it is served as soon as it is saved.'
        : 'Add a file such as steps/hello.step.ts, and start the core again; motia-core dev serves files as they are saved.'}
    </Empty>
  )
}

function OneOf({ all }: { all: Flow[] }) {
  const [filters, setFilters] = useFilters()
  const wanted = filters.step && all.find(({ steps }) => steps.some(({ id }) => id === filters.step))
  const flow = all.find(({ id }) => id === filters.flow) ?? (wanted || all[0])
  const [places, setPlaces] = useState<Map<string, { x: number; y: number }>>(new Map())
  if (!flow) return null
  const mermaid = () =>
    attempt(async () => {
      await copy(await getText(`/flows/${encodeURIComponent(flow.id)}/mermaid`), 'the Mermaid text is copied')
      return undefined
    })
  const image = () => {
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob([svg(flow, places)], { type: 'image/svg+xml' }))
    link.download = `${flow.name}.svg`
    link.click()
    URL.revokeObjectURL(link.href)
    say(`${flow.name}.svg is saved`)
  }
  return (
    <>
      <div className="bar">
        <h1>Flows</h1>
        <select
          aria-label="flow"
          value={flow.id}
          onChange={(event) => setFilters({ flow: event.target.value, step: '' })}
        >
          {all.map(({ id, name, steps }) => (
            <option key={id} value={id}>
              {name} ({steps.length})
            </option>
          ))}
        </select>
        <span className="grow" />
        <button type="button" className="quiet wide" onClick={image}>
          Save as SVG
        </button>
        <button type="button" className="quiet wide" onClick={() => void mermaid()}>
          Copy as Mermaid
        </button>
      </div>
      <div className={`split ${filters.step ? 'two open' : ''}`}>
        <GraphView
          key={flow.id}
          flow={flow}
          selected={filters.step ?? ''}
          select={(step) => setFilters({ flow: flow.id, step })}
          placed={setPlaces}
        />
        {filters.step && (
          <div className="pane panel">
            <StepPanel key={filters.step} id={filters.step} close={() => setFilters({ step: '' })} />
          </div>
        )}
      </div>
    </>
  )
}
