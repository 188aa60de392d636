/** What steps have stored: groups, keys, values. */

import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { ApiError, get, type Json, post, query } from '../api'
import { attempt, Confirm, pretty, say } from '../parts/bits'
import { Editor, readJson } from '../parts/editor'
import { Empty, Loaded, Skeleton } from '../parts/states'
import { VirtualList } from '../parts/virtual-list'
import { useFilters } from '../route'
import { StateHistory } from './state-history'

interface Item {
  key: string
  value: Json
  type: string
  version: number
}

export default function State() {
  const [filters, setFilters] = useFilters()
  const { prefix, group } = filters
  const groups = useInfiniteQuery({
    placeholderData: keepPreviousData, // a list that is searched does not vanish with each letter
    queryKey: ['state', 'groups', prefix],
    initialPageParam: '',
    queryFn: ({ pageParam }) =>
      get<{ groups: { group: string; keys: number }[]; cursor: string }>(
        `/state/groups${query({ prefix, cursor: pageParam, limit: 200 })}`,
      ),
    getNextPageParam: ({ cursor }) => cursor || undefined,
  })
  const refresh = () => void groups.refetch()
  return (
    <div className="page">
      <div className="bar">
        <h1>State</h1>
        <input
          type="search"
          aria-label="search groups"
          placeholder="group begins with"
          value={prefix ?? ''}
          onChange={(event) => setFilters({ prefix: event.target.value })}
        />
        <span className="grow" />
        <button type="button" className="quiet" onClick={refresh}>
          Read again
        </button>
      </div>
      <Loaded query={groups}>
        {({ pages }) => {
          const all = pages.flatMap((page) => page.groups)
          if (all.length === 0)
            return <Empty title="There is no state">What a step stores with state.set is shown here.</Empty>
          return (
            <div className="split thirds">
              <VirtualList
                items={all}
                label="groups"
                columns="minmax(0, 1fr) 48px"
                keyOf={(one) => one.group}
                selected={group ?? null}
                open={(one) => setFilters({ group: one.group, key: '' })}
                more={() => groups.hasNextPage && !groups.isFetchingNextPage && void groups.fetchNextPage()}
                line={(one) => (
                  <>
                    <span>{one.group}</span>
                    <span className="number soft">{one.keys}</span>
                  </>
                )}
              />
              {group ? <Group key={group} group={group} changed={refresh} /> : <Empty title="Choose a group" />}
            </div>
          )
        }}
      </Loaded>
    </div>
  )
}

function Group({ group, changed }: { group: string; changed: () => void }) {
  const [filters, setFilters] = useFilters()
  const [marked, setMarked] = useState<Set<string>>(new Set())
  const [isRemoving, setRemoving] = useState(false)
  const [isNew, setNew] = useState(false)
  const values = useInfiniteQuery({
    queryKey: ['state', 'values', group],
    initialPageParam: '',
    queryFn: ({ pageParam }) =>
      get<{ items: Item[]; cursor: string }>(`/state/values${query({ group, cursor: pageParam, limit: 200 })}`),
    getNextPageParam: ({ cursor }) => cursor || undefined,
  })
  const isFar =
    Boolean(filters.key) && !values.data?.pages.some(({ items }) => items.some(({ key }) => key === filters.key))
  const far = useQuery({
    // a link may lead to what the list has not come to yet
    queryKey: ['state', 'value', group, filters.key],
    queryFn: () => get<{ items: Item[] }>(`/state/values${query({ group, prefix: filters.key, limit: 1 })}`),
    enabled: isFar && values.isSuccess,
  })
  const refresh = () => {
    void values.refetch()
    if (isFar) void far.refetch()
    changed()
  }
  const remove = (keys: string[]) =>
    attempt(async () => {
      const { removed } = await post<{ removed: number }>('/state/remove', { group, keys })
      setMarked(new Set())
      setFilters({ key: '' })
      refresh()
      return `${removed} removed.`
    })
  return (
    <Loaded query={values}>
      {({ pages }) => {
        const all = pages.flatMap((page) => page.items)
        const shown = [...all, ...(far.data?.items ?? [])].find(({ key }) => key === filters.key)
        return (
          <>
            <div className="pane panel" style={{ display: 'flex', flexDirection: 'column', overflow: 'hidden' }}>
              <div className="row" style={{ padding: '6px 12px' }}>
                <button
                  type="button"
                  className="quiet"
                  onClick={() => {
                    setFilters({ key: '' })
                    setNew(true)
                  }}
                >
                  Add
                </button>
                {marked.size > 0 && (
                  <button type="button" className="danger" onClick={() => setRemoving(true)}>
                    Remove {marked.size}
                  </button>
                )}
              </div>
              <VirtualList
                items={all}
                label={`keys of ${group}`}
                columns="18px minmax(0, 1fr) 56px"
                keyOf={({ key }) => key}
                selected={filters.key ?? null}
                open={({ key }) => {
                  setNew(false)
                  setFilters({ key })
                }}
                more={() => values.hasNextPage && !values.isFetchingNextPage && void values.fetchNextPage()}
                before={({ key }) => (
                  <input
                    type="checkbox"
                    aria-label={`mark ${key}`}
                    checked={marked.has(key)}
                    onChange={({ target }) => {
                      const next = new Set(marked)
                      if (target.checked) next.add(key)
                      else next.delete(key)
                      setMarked(next)
                    }}
                  />
                )}
                line={({ key, type }) => (
                  <>
                    <span />
                    <span className="mono">{key}</span>
                    <span className="soft">{type}</span>
                  </>
                )}
              />
            </div>
            <div className="pane panel body">
              {isNew && !filters.key ? (
                <Value
                  key="new"
                  group={group}
                  item={undefined}
                  saved={(key) => {
                    setNew(false)
                    setFilters({ key })
                    refresh()
                  }}
                  remove={remove}
                />
              ) : shown ? (
                <Value key={shown.key} group={group} item={shown} saved={refresh} remove={remove} />
              ) : far.isFetching ? (
                <Skeleton />
              ) : (
                <Empty title={filters.key ? `There is no ${filters.key}` : 'Choose a key'} />
              )}
            </div>
            {isRemoving && (
              <Confirm
                text={`${marked.size} keys of ${group} are removed for all steps.`}
                action="Remove them"
                done={() => setRemoving(false)}
                confirmed={() => void remove([...marked])}
              />
            )}
          </>
        )
      }}
    </Loaded>
  )
}

interface ValueProps {
  group: string
  item: Item | undefined
  saved: (key: string) => void
  remove: (keys: string[]) => Promise<void>
}

function Value({ group, item, saved, remove }: ValueProps) {
  const before = item ? pretty(item.value) : '{}'
  const [text, setText] = useState(before)
  const typed = useRef(text)
  typed.current = text
  const known = useRef(before)
  const version = item?.version ?? 0
  const base = useRef(version) // what is typed began from this one: others' changes since are not to be lost
  const isOvertaken = useRef(false) // somebody has been told so
  useEffect(() => {
    // a new value takes the place of the one before it, but not of what somebody is typing
    const isTyping = typed.current !== known.current
    if (!isTyping) setText(before)
    if (!isTyping || isOvertaken.current) base.current = version
    isOvertaken.current = false
    known.current = before
  }, [before, version])
  const [key, setKey] = useState(item?.key ?? '')
  const [isSure, setSure] = useState(false)
  const { value, error } = readJson(text)
  const save = async () => {
    try {
      const stored = await post<{ version: number }>('/state/set', { group, key, value, version: base.current })
      base.current = stored.version
      say(`${key} is saved.`)
      saved(key)
    } catch (failure) {
      const isConflict = failure instanceof ApiError && failure.status === 409
      if (isConflict && item) {
        isOvertaken.current = version === base.current
        base.current = version
        saved(key)
      }
      say(
        isConflict
          ? item
            ? 'It was changed by somebody else meanwhile and is read again: the history has the change. Your text is still here.'
            : `There is ${key} already.`
          : (failure as Error).message,
      )
    }
  }
  return (
    <div className="stack">
      {item ? (
        <h2 className="mono">{item.key}</h2>
      ) : (
        <label className="field">
          Key
          <input value={key} onChange={({ target }) => setKey(target.value)} />
        </label>
      )}
      <Editor text={text} label={`value of ${key}`} change={setText} />
      {error && <p className="bad">{error}</p>}
      <div className="row">
        <button
          type="button"
          className="primary"
          disabled={error !== '' || key === '' || (item && text === before)}
          onClick={() => void save()}
        >
          Save
        </button>
        {item && (
          <button type="button" className="danger" onClick={() => setSure(true)}>
            Remove
          </button>
        )}
      </div>
      {item && <StateHistory group={group} name={item.key} version={item.version} />}
      {isSure && item && (
        <Confirm
          text={`${item.key} of ${group} is removed for all steps.`}
          action="Remove it"
          done={() => setSure(false)}
          confirmed={() => void remove([item.key])}
        />
      )}
    </div>
  )
}
