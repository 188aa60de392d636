/** Streams, their groups, and the items of a group as they change. */

import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { get, type Json, post, query, type Stream } from '../api'
import { duration } from '../format'
import { attempt, Code, pretty, Section } from '../parts/bits'
import { Editor, readJson } from '../parts/editor'
import { Empty, Loaded } from '../parts/states'
import { VirtualList } from '../parts/virtual-list'
import { go, href, useFilters, useRoute } from '../route'
import { type Item, useWatched } from '../watch'

export default function Streams() {
  const { id } = useRoute()
  const [filters, setFilters] = useFilters()
  const streams = useQuery({ queryKey: ['streams'], queryFn: () => get<{ streams: Stream[] }>('/streams') })
  return (
    <div className="page">
      <Loaded query={streams}>
        {({ streams: all }) => {
          const shown = all.find(({ name }) => name === id) ?? all[0]
          return (
            <>
              <div className="bar">
                <h1>Streams</h1>
                {shown && (
                  <>
                    <select
                      aria-label="stream"
                      value={shown.name}
                      onChange={(event) => go(href('streams', event.target.value))}
                    >
                      {all.map(({ name }) => (
                        <option key={name}>{name}</option>
                      ))}
                    </select>
                    <span className="soft">
                      {shown.watchers} watching
                      {shown.ttlMs ? ` · kept for ${duration(shown.ttlMs)}` : ''}
                      {shown.maxItems ? ` · at most ${shown.maxItems} items` : ''}
                      {shown.presence ? ' · presence' : ''}
                    </span>
                  </>
                )}
              </div>
              {shown ? (
                <Groups
                  key={shown.name}
                  stream={shown}
                  group={filters.group}
                  choose={(group) => setFilters({ group })}
                />
              ) : (
                <Empty title="There are no streams">A file such as steps/tasks.stream.ts makes one.</Empty>
              )}
            </>
          )
        }}
      </Loaded>
    </div>
  )
}

function Groups(props: { stream: Stream; group: string | undefined; choose: (group: string) => void }) {
  const { stream, group, choose } = props
  const [wanted, setWanted] = useState('')
  const groups = useInfiniteQuery({
    queryKey: ['streams', 'groups', stream.name],
    initialPageParam: '',
    refetchInterval: 10_000,
    queryFn: ({ pageParam }) =>
      get<{ groups: { group: string; items: number }[]; cursor: string }>(
        `/stream-groups${query({ stream: stream.name, cursor: pageParam, limit: 200 })}`,
      ),
    getNextPageParam: ({ cursor }) => cursor || undefined,
  })
  return (
    <Loaded query={groups}>
      {({ pages }) => (
        <div className="split left">
          <div className="pane panel" style={{ display: 'flex', flexDirection: 'column', overflow: 'hidden' }}>
            <form
              className="row"
              style={{ padding: '6px 12px' }}
              onSubmit={(event) => {
                event.preventDefault()
                if (wanted) choose(wanted)
              }}
            >
              <input
                aria-label="another group"
                placeholder="another group"
                style={{ width: '100%' }}
                value={wanted}
                onChange={({ target }) => setWanted(target.value)}
              />
            </form>
            <VirtualList
              items={pages.flatMap((page) => page.groups)}
              label="groups"
              columns="minmax(0, 1fr) 48px"
              keyOf={(one) => one.group}
              selected={group ?? null}
              open={(one) => choose(one.group)}
              more={() => groups.hasNextPage && !groups.isFetchingNextPage && void groups.fetchNextPage()}
              line={(one) => (
                <>
                  <span>{one.group}</span>
                  <span className="number soft">{one.items}</span>
                </>
              )}
            />
          </div>
          {group ? <Items key={group} stream={stream.name} group={group} /> : <Schema stream={stream.name} />}
        </div>
      )}
    </Loaded>
  )
}

function Schema({ stream }: { stream: string }) {
  const details = useQuery({
    queryKey: ['streams', 'details', stream],
    queryFn: () => get<{ filePath: string; schema: Json }>(`/streams/details/${encodeURIComponent(stream)}`),
  })
  return (
    <div className="pane panel body stack">
      <Loaded query={details}>
        {({ filePath, schema }) => (
          <Section title="What its items are" aside={<span className="mono soft">{filePath}</span>}>
            <Code text={pretty(schema)} />
          </Section>
        )}
      </Loaded>
      <p className="soft">Choose a group to see its items live.</p>
    </div>
  )
}

function Items({ stream, group }: { stream: string; group: string }) {
  const { items, status, error } = useWatched(stream, group)
  const stored = useQuery({
    queryKey: ['streams', 'items', stream, group],
    queryFn: () => get<{ items: Item[] }>(`/streams/group/${encodeURIComponent(stream)}/${encodeURIComponent(group)}`),
    enabled: status === 'refused',
    refetchInterval: 3000,
  })
  const [chosen, setChosen] = useState('')
  const all = status === 'refused' ? (stored.data?.items ?? []) : items
  const shown = all.find(({ id }) => id === chosen)
  return (
    <div className="pane panel" style={{ display: 'flex', flexDirection: 'column' }}>
      <div className="row" style={{ padding: '8px 16px' }}>
        <h2>{group}</h2>
        <span className={`chip ${status === 'live' ? 'completed' : ''}`}>
          {status === 'refused' ? 'read every 3 s' : status}
        </span>
        {status === 'refused' && <span className="soft">Live it is not shown: {error}</span>}
      </div>
      <div style={{ flex: 1, minHeight: 160, display: 'grid' }}>
        {all.length === 0 && status !== 'joining' ? (
          <Empty title="This group is empty" />
        ) : (
          <VirtualList
            items={all}
            label={`items of ${group}`}
            columns="minmax(80px, 160px) minmax(0, 1fr)"
            keyOf={({ id }) => id}
            selected={chosen}
            open={({ id }) => setChosen(id)}
            line={(item) => (
              <>
                <span className="mono">{item.id}</span>
                <span className="mono soft">{JSON.stringify({ ...item, id: undefined, _createdAt: undefined })}</span>
              </>
            )}
          />
        )}
      </div>
      <div className="body stack" style={{ borderTop: '1px solid var(--line)' }}>
        <EditItem key={chosen} stream={stream} group={group} item={shown} chosen={setChosen} />
      </div>
    </div>
  )
}

interface EditProps {
  stream: string
  group: string
  item: Item | undefined
  chosen: (id: string) => void
}

function EditItem({ stream, group, item, chosen }: EditProps) {
  const bare = item && Object.fromEntries(Object.entries(item).filter(([name]) => !['id', '_createdAt'].includes(name)))
  const [text, setText] = useState(pretty(bare ?? {}))
  const [id, setId] = useState(item?.id ?? '')
  const { value, error } = readJson(text)
  const write = (data: unknown) =>
    attempt(async () => {
      await post('/stream-items', { stream, group, id, data })
      if (data === null) chosen('')
      return data === null ? `${id} is removed.` : `${id} is set.`
    })
  return (
    <>
      <div className="row">
        <h3>{item ? item.id : 'A new item'}</h3>
        {!item && (
          <input
            aria-label="id of the new item"
            placeholder="id"
            value={id}
            onChange={({ target }) => setId(target.value)}
          />
        )}
        {item && (
          <button type="button" className="quiet" onClick={() => chosen('')}>
            New item
          </button>
        )}
      </div>
      <Editor text={text} label="item" change={setText} />
      {error && <p className="bad">{error}</p>}
      <div className="row">
        <button
          type="button"
          className="primary"
          disabled={error !== '' || id === ''}
          onClick={() => void write(value)}
        >
          {item ? 'Save' : 'Add'}
        </button>
        {item && (
          <button type="button" className="danger" onClick={() => void write(null)}>
            Remove
          </button>
        )}
      </div>
    </>
  )
}
