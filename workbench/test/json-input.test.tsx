/** JSON in forms that are made from its schema. */

import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { useState } from 'react'
import { afterEach, expect, it } from 'vitest'
import type { Schema } from '../src/api'
import { JsonInput } from '../src/parts/json-input'

afterEach(cleanup)

let text = ''

function Shown({ schema, begin }: { schema: Schema; begin: string }) {
  const [value, setValue] = useState(begin)
  text = value
  return <JsonInput schema={schema} text={value} label="body" change={setValue} />
}

const guest: Schema = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    nights: { type: 'integer' },
    room: { enum: ['single', 'double'] },
    breakfast: { type: 'boolean' },
    address: { type: 'object', properties: { city: { type: 'string' } } },
    tags: { type: 'array', items: { type: 'string' } },
  },
  required: ['name'],
}

it('each field changes its part of the text', () => {
  render(<Shown schema={guest} begin='{"name":"Ada","other":1}' />)
  fireEvent.click(screen.getByRole('tab', { name: 'Form' }))
  fireEvent.change(screen.getByLabelText('name'), { target: { value: 'Grace' } })
  fireEvent.change(screen.getByLabelText('nights'), { target: { value: '3' } })
  fireEvent.change(screen.getByLabelText('room'), { target: { value: '"double"' } })
  fireEvent.click(screen.getByLabelText('breakfast'))
  fireEvent.change(screen.getByLabelText('city'), { target: { value: 'Bern' } })
  fireEvent.change(screen.getByLabelText('tags'), { target: { value: '["a", ' } })
  expect(screen.getAllByText(/JSON|end of/).length).toBeGreaterThan(1)
  fireEvent.change(screen.getByLabelText('tags'), { target: { value: '["a"]' } })
  expect(JSON.parse(text)).toEqual({
    name: 'Grace',
    other: 1, // what the schema does not name stays
    nights: 3,
    room: 'double',
    breakfast: true,
    address: { city: 'Bern' },
    tags: ['a'],
  })
})

it('what is not required can be left out again', () => {
  render(<Shown schema={guest} begin='{"name":"Ada","nights":2,"room":"single"}' />)
  fireEvent.click(screen.getByRole('tab', { name: 'Form' }))
  fireEvent.change(screen.getByLabelText('nights'), { target: { value: '' } })
  fireEvent.change(screen.getByLabelText('room'), { target: { value: '' } })
  fireEvent.change(screen.getByLabelText('name'), { target: { value: '' } })
  expect(JSON.parse(text)).toEqual({ name: '' })
})

it('begins as a form where that shows everything', () => {
  render(<Shown schema={{ type: 'object', properties: { name: { type: 'string' } } }} begin="{}" />)
  expect(screen.getByRole('tab', { name: 'Form' }).getAttribute('aria-selected')).toBe('true')
})

it('is text where there is no form, or where the text is not of its shape', async () => {
  render(<Shown schema={{ type: 'string' }} begin='"a"' />)
  expect(screen.queryByRole('tab')).toBe(null)
  cleanup()
  render(<Shown schema={{ type: 'object', properties: { name: { type: 'string' } } }} begin="{" />)
  expect(screen.getByRole('tab', { name: 'Form' }).hasAttribute('disabled')).toBe(true)
  expect(screen.getByRole('tab', { name: 'JSON' }).getAttribute('aria-selected')).toBe('true')
})
