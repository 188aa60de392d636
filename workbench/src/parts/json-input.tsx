/** JSON that a person gives: as a form made from its schema, or as text. Both show the same text. */

import { useId, useState } from 'react'
import type { Json, Schema } from '../api'
import { isFlat, kindOf, resolved, sample } from '../schema'
import { pretty } from './bits'
import { Editor, readJson } from './editor'

interface Props {
  schema: Schema | null | undefined
  text: string
  label: string
  change: (text: string) => void
}

export function JsonInput({ schema, text, label, change }: Props) {
  const whole = schema ? resolved(schema, schema) : null
  const hasForm = whole !== null && kindOf(whole) === 'object' && Object.keys(whole.properties ?? {}).length > 0
  const [isForm, setForm] = useState(() => hasForm && isFlat(whole, whole))
  const { value, error } = readJson(text)
  const isShown = hasForm && isForm && !error && (value === null || isRecord(value))
  return (
    <>
      {hasForm && (
        <div className="tabs" role="tablist" aria-label={label}>
          {[
            [true, 'Form'],
            [false, 'JSON'],
          ].map(([asForm, title]) => (
            <button
              type="button"
              role="tab"
              key={String(title)}
              aria-selected={isShown === asForm}
              disabled={asForm === true && error !== ''}
              onClick={() => setForm(asForm === true)}
            >
              {title}
            </button>
          ))}
        </div>
      )}
      {isShown ? (
        <Fields
          schema={whole}
          root={whole}
          value={isRecord(value) ? value : {}}
          change={(changed) => change(pretty(changed))}
        />
      ) : (
        <Editor text={text} label={label} change={change} />
      )}
      {error && <p className="bad">{error}</p>}
    </>
  )
}

type Members = Record<string, Json>

const isRecord = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function Fields(props: { schema: Schema; root: Schema; value: Members; change: (value: Members) => void }) {
  const { schema, root, value, change } = props
  const set = (name: string, to: Json | undefined) => {
    const { [name]: _, ...others } = value
    change(to === undefined ? others : { ...value, [name]: to })
  }
  return (
    <div className="fields">
      {Object.entries(schema.properties ?? {}).map(([name, of]) => (
        <Field
          key={name}
          name={name}
          schema={resolved(of, root)}
          root={root}
          isRequired={schema.required?.includes(name) ?? false}
          value={value[name]}
          set={(to) => set(name, to)}
        />
      ))}
    </div>
  )
}

interface FieldProps {
  name: string
  schema: Schema
  root: Schema
  isRequired: boolean
  value: Json | undefined
  set: (value: Json | undefined) => void
}

function Field(props: FieldProps) {
  const { name, schema, root, isRequired, value, set } = props
  const kind = kindOf(schema)
  const id = useId()
  if (kind === 'object' && schema.properties)
    return (
      <fieldset>
        <legend>{name}</legend>
        <Fields schema={schema} root={root} value={isRecord(value) ? value : {}} change={set} />
      </fieldset>
    )
  return (
    <div className={kind === 'boolean' ? 'field check' : 'field'} title={schema.description}>
      <label htmlFor={id}>{name}</label>
      <One {...props} id={id} kind={kind} />
      {!isRequired && kind !== 'boolean' && <span className="soft optional">optional</span>}
    </div>
  )
}

function One({ id, schema, root, isRequired, value, set, kind }: FieldProps & { id: string; kind: string }) {
  if (schema.enum)
    return (
      <select
        id={id}
        value={value === undefined ? '' : JSON.stringify(value)}
        onChange={({ target }) => set(target.value === '' ? undefined : (JSON.parse(target.value) as Json))}
      >
        {!isRequired && <option value="" />}
        {schema.enum.map((one) => (
          <option key={JSON.stringify(one)} value={JSON.stringify(one)}>
            {String(one)}
          </option>
        ))}
      </select>
    )
  if (kind === 'boolean')
    return <input id={id} type="checkbox" checked={value === true} onChange={({ target }) => set(target.checked)} />
  if (kind === 'number')
    return (
      <input
        id={id}
        type="number"
        step="any"
        value={typeof value === 'number' ? value : ''}
        onChange={({ target }) => set(target.value === '' ? undefined : Number(target.value))}
      />
    )
  if (kind === 'string')
    return (
      <input
        id={id}
        value={typeof value === 'string' ? value : ''}
        onChange={({ target }) => set(target.value === '' && !isRequired ? undefined : target.value)}
      />
    )
  return <Part id={id} value={value} begin={sample(schema, root)} set={set} />
}

/** What is neither a word nor a number: as JSON. Told only when it is whole. */
function Part(props: { id: string; value: Json | undefined; begin: Json; set: (value: Json | undefined) => void }) {
  const { id, value, begin, set } = props
  const [text, setText] = useState(value === undefined ? '' : pretty(value))
  const { error } = readJson(text)
  return (
    <>
      <textarea
        id={id}
        className="mono"
        rows={Math.min(8, Math.max(2, text.split('\n').length))}
        placeholder={pretty(begin)}
        value={text}
        onChange={({ target }) => {
          setText(target.value)
          const read = readJson(target.value)
          if (!read.error) set(target.value.trim() === '' ? undefined : (read.value as Json))
        }}
      />
      {error && <span className="bad">{error}</span>}
    </>
  )
}
