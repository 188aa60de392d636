/** CodeMirror in a component, in the colours of the page. */

import { javascript } from '@codemirror/lang-javascript'
import { json } from '@codemirror/lang-json'
import { python } from '@codemirror/lang-python'
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { EditorState, Prec } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { basicSetup } from 'codemirror'
import { useEffect, useRef } from 'react'
import type { EditorProps } from './editor'

const LANGUAGES = {
  json,
  python,
  typescript: () => javascript({ typescript: true }),
  javascript: () => javascript(),
} as const

const COLOURS = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: 'var(--accent)' },
  { tag: [tags.string, tags.regexp, tags.special(tags.string)], color: 'var(--good)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--warn)' },
  { tag: [tags.propertyName, tags.definition(tags.variableName)], color: 'var(--ink)' },
  { tag: tags.comment, color: 'var(--soft)', fontStyle: 'italic' },
])

const THEME = EditorView.theme({
  '&': { backgroundColor: 'var(--surface)', color: 'var(--ink)' },
  '.cm-content': { caretColor: 'var(--ink)', fontFamily: 'var(--mono)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--soft)', borderRight: '1px solid var(--line)' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'transparent' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--accent-soft) !important' },
  '.cm-matchingBracket': { backgroundColor: 'var(--accent-soft) !important', color: 'inherit' },
  '.cm-selectionMatch': { backgroundColor: 'var(--accent-soft)' },
})

export default function CodeMirror({ text, language = 'json', label, change, line }: EditorProps) {
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(undefined)
  const begun = useRef(text) // later texts are put in below
  const changed = useRef(change)
  changed.current = change
  const isReadOnly = change === undefined

  useEffect(() => {
    if (!place.current) return
    const grammar = LANGUAGES[language as keyof typeof LANGUAGES]
    view.current = new EditorView({
      parent: place.current,
      doc: begun.current,
      extensions: [
        basicSetup,
        Prec.highest([THEME, syntaxHighlighting(COLOURS)]),
        ...(grammar ? [grammar()] : []),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': label }),
        EditorState.readOnly.of(isReadOnly),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) changed.current?.(update.state.doc.toString())
        }),
      ],
    })
    if (line) {
      const at = view.current.state.doc.line(Math.min(line, view.current.state.doc.lines)).from
      view.current.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'start' }) })
    }
    return () => view.current?.destroy()
  }, [language, label, line, isReadOnly])

  useEffect(() => {
    const known = view.current
    if (known && known.state.doc.toString() !== text)
      known.dispatch({ changes: { from: 0, to: known.state.doc.length, insert: text } })
  }, [text])

  return <div className="editor" ref={place} />
}
