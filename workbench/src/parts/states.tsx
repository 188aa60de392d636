/** What stands where content would be: while it comes, when there is none, when it cannot be had. */

import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ApiError } from '../api'

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <strong>{title}</strong>
      {children && <div>{children}</div>}
    </div>
  )
}

export function Skeleton() {
  return (
    <div role="status" aria-label="loading">
      {[88, 72, 80, 60, 76].map((width) => (
        <div className="skeleton" key={width} style={{ width: `${width}%` }} />
      ))}
    </div>
  )
}

/** Shows a query's data, or its state. */
export function Loaded<T>({ query, children }: { query: UseQueryResult<T>; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return children(query.data)
  if (query.isPending) return <Skeleton />
  const gone = query.error instanceof ApiError && query.error.status === 404
  return (
    <Empty title={gone ? 'It is not there' : 'This could not be loaded'}>
      <p>{query.error?.message}</p>
      <button type="button" onClick={() => void query.refetch()}>
        Try again
      </button>
    </Empty>
  )
}
