/** A list of any length: only what can be seen is rendered. Arrows and j/k move in it, Enter opens. */

import { useVirtualizer } from '@tanstack/react-virtual'
import { type CSSProperties, type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react'

const HEADING_PX = 32

interface Props<T> {
  items: T[]
  label: string
  columns: string
  /** For narrow screens, where cells of the class `wide` are not shown. */
  narrow?: string
  keyOf: (item: T) => string | number
  line: (item: T) => ReactNode
  /** Stands before the line; what can be pressed must not be within what can be pressed. */
  before?: (item: T) => ReactNode
  head?: ReactNode
  height?: number
  selected?: string | number | null
  /** Instead of `selected`, where an item may stand in several places. */
  isSelected?: (item: T) => boolean
  /** The text of an item that is no line but the head of those below it. */
  heading?: (item: T) => string | undefined
  open?: (item: T) => void
  /** Called when the end comes near. */
  more?: () => void
}

export function VirtualList<T>(props: Props<T>) {
  const { items, label, columns, narrow, keyOf, line, before, head, heading, height = 38, open, more } = props
  const isSelected = props.isSelected ?? ((item: T) => props.selected === keyOf(item))
  const scroller = useRef<HTMLDivElement>(null)
  const list = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => {
      const item = items[index]
      return item !== undefined && heading?.(item) !== undefined ? HEADING_PX : height
    },
    overscan: 12,
    initialRect: { width: 800, height: 600 },
  })
  const shown = list.getVirtualItems()
  const last = shown.at(-1)?.index ?? 0
  useEffect(() => {
    if (more && items.length > 0 && last >= items.length - 8) more()
  }, [more, last, items.length])

  const grid = { '--columns': columns, ...(narrow ? { '--narrow': narrow } : {}) } as CSSProperties
  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const by = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key]
    if (by === undefined) return
    const lines = [...(scroller.current?.querySelectorAll<HTMLElement>('.line') ?? [])]
    const at = lines.indexOf(document.activeElement as HTMLElement)
    lines[Math.max(0, at + by)]?.focus()
    event.preventDefault()
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: its lines are buttons; this moves between them
    <div className="pane" ref={scroller} onKeyDown={move}>
      {head && (
        <div className="head" style={grid}>
          {head}
        </div>
      )}
      <ul className="list" aria-label={label} style={{ height: list.getTotalSize() }}>
        {shown.map((place) => {
          const item = items[place.index]
          if (item === undefined) return null
          const key = keyOf(item)
          const title = heading?.(item)
          if (title !== undefined)
            return (
              <li key={key} className="heading" style={{ transform: `translateY(${place.start}px)` }}>
                {title}
              </li>
            )
          return (
            <li key={key}>
              {before && (
                <span className="before" style={{ height, transform: `translateY(${place.start}px)` }}>
                  {before(item)}
                </span>
              )}
              <button
                type="button"
                className="line"
                aria-current={isSelected(item) ? 'true' : undefined}
                style={{ ...grid, height, transform: `translateY(${place.start}px)` }}
                onClick={() => open?.(item)}
              >
                {line(item)}
              </button>
            </li>
          )
        })}
      </ul>
    </div>
  )
}
