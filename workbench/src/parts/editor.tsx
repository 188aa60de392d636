/** The code editor, loaded when it is first needed. */

import { lazy, Suspense } from 'react'
import { Code } from './bits'

const CodeMirror = lazy(() => import('./code-mirror'))

export interface EditorProps {
  text: string
  language?: string
  label: string
  change?: (text: string) => void
  /** 1 is the first. */
  line?: number | null
}

export function Editor(props: EditorProps) {
  return (
    <Suspense fallback={<Code text={props.text} />}>
      <CodeMirror {...props} />
    </Suspense>
  )
}

/** What JSON text holds, or why it is none. */
export function readJson(text: string): { value: unknown; error: string } {
  try {
    return { value: text.trim() === '' ? null : JSON.parse(text), error: '' }
  } catch (error) {
    return { value: null, error: error instanceof Error ? error.message : 'this is not JSON' }
  }
}
