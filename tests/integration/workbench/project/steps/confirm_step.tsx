import { EventNode, type EventNodeProps } from 'motia/workbench'
import React from 'react'
import { GREETING } from '../greeting'

export const Node: React.FC<EventNodeProps> = (props) => {
  const [times, setTimes] = React.useState(0)
  return (
    <EventNode {...props}>
      <div data-testid="greeting" className="p-2 rounded-lg bg-[#123456] text-white">
        {GREETING}
      </div>
      <button type="button" onClick={() => setTimes(times + 1)}>
        Greeted {times} times
      </button>
    </EventNode>
  )
}
