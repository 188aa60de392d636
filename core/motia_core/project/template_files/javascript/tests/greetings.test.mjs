// Runs the whole project: npm test
import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { startMotia } from 'motia/testing'

const motia = await startMotia()
beforeEach(() => motia.reset())
after(() => motia.close())

test('a greeting is written', async () => {
  const asked = await motia.post('/greetings', { json: { name: 'Ada' } })
  assert.equal(asked.status, 202)
  await motia.drain() // until nothing runs any more
  const found = await motia.get(`/greetings/${asked.json().id}`)
  assert.match(found.json().text, /Ada!$/)
  assert.deepEqual((await motia.run(asked)).steps, ['CreateGreeting', 'WriteGreeting'])
})

test('a greeting without a name is refused', async () => {
  assert.equal((await motia.post('/greetings', { json: {} })).status, 400)
  assert.deepEqual(motia.emitted('greeting.requested'), [])
})
