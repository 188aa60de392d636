/** A button that pauses a step, or has it go on. */

import { useQueryClient } from '@tanstack/react-query'
import { post } from '../api'
import { attempt } from './bits'

interface Props {
  of: 'queues' | 'cron'
  step: string
  isPaused: boolean
}

export function Pausing({ of, step, isPaused }: Props) {
  const client = useQueryClient()
  const what = isPaused ? 'resume' : 'pause'
  const change = async () => {
    await post(`/${of}/${what}`, { step })
    await client.invalidateQueries({ queryKey: [of] })
    return isPaused ? `${step} goes on.` : `${step} is paused, on all cores, until you resume it.`
  }
  return (
    <button type="button" className={isPaused ? 'primary' : ''} onClick={() => void attempt(change)}>
      {isPaused ? 'Resume' : 'Pause'}
    </button>
  )
}
