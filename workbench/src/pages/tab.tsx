/** A page that a plugin of the project adds. What goes wrong in it is said here, and nowhere else. */

import { useQuery } from '@tanstack/react-query'
import { Component, type ComponentType, type ReactNode } from 'react'
import { type Json, type Tab, tabsQuery } from '../api'
import { load } from '../nodes/load'
import { Empty, Loaded, Skeleton } from '../parts/states'
import { useRoute } from '../route'

export default function TabPage() {
  const { id } = useRoute()
  const tabs = useQuery(tabsQuery)
  return (
    <Loaded query={tabs}>
      {({ tabs: all, problem }) => {
        const tab = all.find((one) => one.id === id)
        if (tab) return <Shown key={id} tab={tab} />
        return <Empty title="No plugin has this tab">{problem && <p>{problem}</p>}</Empty>
      }}
    </Loaded>
  )
}

function Shown({ tab }: { tab: Tab }) {
  const found = useQuery({
    queryKey: ['nodes', 'tab', tab.id],
    queryFn: () => load<Record<string, Json>>(`/tabs/${encodeURIComponent(tab.id)}`, tab.package),
    staleTime: Infinity,
    retry: false,
  })
  return (
    <div className="page">
      <div className="bar">
        <h1>{tab.label}</h1>
        <span className="soft">from {tab.package}</span>
      </div>
      {found.error ? (
        <Failed tab={tab} why={found.error.message} retry={() => void found.refetch()} />
      ) : found.data ? (
        <Guard key={`${found.dataUpdatedAt}`} tab={tab}>
          <Drawn component={found.data} tab={tab} />
        </Guard>
      ) : (
        <Skeleton />
      )}
    </div>
  )
}

function Drawn({ component: Plugin, tab }: { component: ComponentType<Record<string, Json>>; tab: Tab }) {
  return (
    <div className="pane component tab">
      <Plugin {...tab.props} />
    </div>
  )
}

/** Stands where the tab's component would be. */
function Failed({ tab, why, retry }: { tab: Tab; why: string; retry: () => void }) {
  return (
    <Empty title={`The tab ${tab.label} cannot be shown`}>
      <p className="mono">{why}</p>
      <p className="soft">The rest of the workbench, and the plugin’s routes, go on.</p>
      <button type="button" onClick={retry}>
        Try again
      </button>
    </Empty>
  )
}

class Guard extends Component<{ tab: Tab; children: ReactNode }, { error: string }> {
  override state = { error: '' }

  static getDerivedStateFromError(error: unknown): { error: string } {
    return { error: (error instanceof Error ? error.message : String(error)) || 'its component threw' }
  }

  override render(): ReactNode {
    const { tab, children } = this.props
    const { error } = this.state
    return error ? <Failed tab={tab} why={error} retry={() => this.setState({ error: '' })} /> : children
  }
}
