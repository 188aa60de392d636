/** Rows to read, each as high as what is in it: only what can be seen is rendered. For lines to press: virtual-list. */

import { useVirtualizer } from '@tanstack/react-virtual'
import { type CSSProperties, type ReactNode, useRef } from 'react'

interface Props<T> {
  items: T[]
  label: string
  columns: string
  row: (item: T) => ReactNode
}

const USUAL_PX = 52 // until a row has been measured

export function VirtualRows<T>({ items, label, columns, row }: Props<T>) {
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => USUAL_PX,
    overscan: 8,
    initialRect: { width: 400, height: 600 },
  })
  return (
    <div className="rows" ref={scroller}>
      <ul aria-label={label} style={{ height: rows.getTotalSize(), '--columns': columns } as CSSProperties}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const item = items[index]
          return (
            item !== undefined && (
              <li
                key={index}
                ref={rows.measureElement}
                data-index={index}
                aria-setsize={items.length}
                aria-posinset={index + 1}
                style={{ transform: `translateY(${start}px)` }}
              >
                {row(item)}
              </li>
            )
          )
        })}
      </ul>
    </div>
  )
}
